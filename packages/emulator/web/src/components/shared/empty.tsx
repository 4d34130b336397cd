import type { ComponentChildren } from "preact";

interface EmptyProps {
  title: string;
  children: ComponentChildren;
}

/** What is shown where there is nothing yet: what would be here, and how it gets here. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
