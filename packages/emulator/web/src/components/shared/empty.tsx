import type { ComponentChildren } from "preact";

interface EmptyProps {
  title: string;
  children: ComponentChildren;
}

/** A placeholder for an empty view: explains what belongs here and how to get it. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
