import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { Choice } from "./choice.js";
import { CopyButton } from "./copy-button.js";

interface TextViewerProps {
  label: string;
  text: string;
  /** Returns the string to copy, when that is more than what is shown. */
  whole?: () => string;
  /** What is said beside it. */
  children?: ComponentChildren;
}

const modes = { raw: "Raw", pretty: "Pretty" } as const;

/** A body: as it went over the wire, or indented when it is JSON and that was asked for. */
export function TextViewer({ label, text, whole = () => text, children }: TextViewerProps) {
  const mode = useSignal<keyof typeof modes>("raw");
  const pretty = indented(text);
  const isPretty = mode.value === "pretty" && pretty !== undefined;
  return (
    <div class="body">
      <div class="row">
        {pretty !== undefined && (
          <Choice
            legend={`Show the ${label.toLowerCase()}`}
            options={modes}
            value={mode.value}
            onChange={(next) => (mode.value = next)}
          />
        )}
        {children}
        <CopyButton what={`the ${label.toLowerCase()}`} text={whole} />
      </div>
      {isPretty && <p class="muted">Indented to be read: these are not the bytes that were signed.</p>}
      {/* Keyboards can scroll what can have the focus. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {isPretty ? pretty : text}
      </pre>
    </div>
  );
}

function indented(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
