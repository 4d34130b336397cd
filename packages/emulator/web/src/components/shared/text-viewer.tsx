import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import type { Pretty } from "../../pretty/to-pretty.js";
import { toPretty } from "../../pretty/to-pretty.js";
import { Choice } from "./choice.js";
import { CopyButton } from "./copy-button.js";
import { PrettyView } from "./pretty-view.js";

interface TextViewerProps {
  label: string;
  text: string;
  /** Returns the string to copy, if it is longer than the one shown. */
  whole?: () => string;
  /** Indents a body that is too large to be indented here. @returns a function that cancels it */
  indent?: ((onDone: (pretty: Pretty | undefined) => void) => () => void) | undefined;
  /** Shown in the toolbar, after the mode. */
  children?: ComponentChildren;
}

const modes = { raw: "Raw", pretty: "Pretty" } as const;

/** A body as it went over the wire, or indented on request if it is JSON. */
export function TextViewer({ label, text, whole = () => text, indent, children }: TextViewerProps) {
  const mode = useSignal<keyof typeof modes>("raw");
  const pretty = indent === undefined ? toPretty(text) : undefined;
  const hasPretty = pretty !== undefined || indent !== undefined;
  return (
    <div class="body">
      <div class="row">
        {hasPretty && (
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
      {hasPretty && mode.value === "pretty" ? (
        <PrettyView label={label} pretty={pretty} indent={indent} />
      ) : (
        // Only a focusable element can be scrolled with the keyboard.
        <pre tabIndex={0} role="region" aria-label={label}>
          {text}
        </pre>
      )}
    </div>
  );
}
