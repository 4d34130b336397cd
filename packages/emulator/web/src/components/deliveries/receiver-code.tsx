import { useSignal } from "@preact/signals";

import { snippets } from "../../snippets.js";
import { CopyButton } from "../shared/copy-button.js";
import { CopyLine } from "../shared/copy-line.js";

/** The code of a receiver for the selected framework, to copy. */
export function ReceiverCode() {
  const selected = useSignal(0);
  const snippet = snippets[selected.value];
  if (snippet === undefined) return null;
  return (
    <div class="receiver-code">
      <label class="inline">
        <span>Your framework</span>
        <select
          value={selected.value}
          onChange={({ currentTarget }) => (selected.value = Number(currentTarget.value))}
        >
          {snippets.map(({ label }, index) => (
            <option key={label} value={index}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <CopyLine label="Install" text={snippet.install} what="the install command" />
      <div class="row spread">
        <span class="muted">TypeScript: in JavaScript leave out the types and the !</span>
        <CopyButton what="the code" text={() => snippet.code} />
      </div>
      <pre tabIndex={0} role="region" aria-label="Code of the receiver">
        {snippet.code}
      </pre>
    </div>
  );
}
