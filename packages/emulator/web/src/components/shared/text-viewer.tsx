import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { Choice } from "./choice.js";
import { CopyButton } from "./copy-button.js";

interface TextViewerProps {
  label: string;
  text: string;
  /** Returns the string to copy, if it is longer than the one shown. */
  whole?: () => string;
  /** Shown in the toolbar, after the mode. */
  children?: ComponentChildren;
}

const modes = { raw: "Raw", pretty: "Pretty" } as const;

/** A body as it went over the wire, or indented on request if it is JSON. */
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
      {isPretty && <p class="muted">Indented for reading. These are not the signed bytes.</p>}
      {/* Only a focusable element can be scrolled with the keyboard. */}
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
