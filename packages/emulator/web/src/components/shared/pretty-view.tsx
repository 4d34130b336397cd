import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { formatCount } from "../../format.js";
import type { Pretty } from "../../pretty/to-pretty.js";

interface PrettyViewProps {
  label: string;
  /** The indented body, if it is known already. */
  pretty: Pretty | undefined;
  /** Indents it otherwise. @returns a function that cancels it */
  indent: ((onDone: (pretty: Pretty | undefined) => void) => () => void) | undefined;
}

/** The part that is shown at first, and added with each click: drawing more at once would block the page. */
const STEP_CHARACTERS = 100_000;

/** A body that is indented for reading. */
export function PrettyView({ label, pretty: known, indent }: PrettyViewProps) {
  const result = useSignal<Pretty | "pending" | "impossible">(known ?? "pending");
  const shown = useSignal(STEP_CHARACTERS);
  useEffect(() => indent?.((pretty) => (result.value = pretty ?? "impossible")), [indent]);
  const current = known ?? result.value;
  if (current === "pending") return <p role="status">Indenting …</p>;
  if (current === "impossible") return <p class="hint">This body is not JSON: see it as Raw.</p>;
  const { text, isShortened } = current;
  const left = text.length - shown.value;
  return (
    <>
      <p class="muted">
        Indented for reading. These are not the signed bytes.
        {isShortened && " Long strings are shortened: copy or download the body for all of it."}
      </p>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text.slice(0, shown.value)}
      </pre>
      {left > 0 && (
        <p>
          <button type="button" onClick={() => (shown.value += STEP_CHARACTERS)}>
            Show more of {formatCount(left, "character")}
          </button>
        </p>
      )}
    </>
  );
}
