import { draft, draftFields } from "../../draft.js";

/** The event as text. */
export function JsonEditor() {
  const { text, isExact } = draft;
  const rows = Math.min(Math.max(text.value.split("\n").length + 1, 12), 32);
  return (
    <>
      <label class="field">
        <span class="hidden">JSON of the event</span>
        <textarea
          class="mono"
          rows={rows}
          spellcheck={false}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <div class="row">
        <label class="check">
          <input
            type="checkbox"
            checked={isExact.value}
            onChange={({ currentTarget }) => (isExact.value = currentTarget.checked)}
          />
          <span>
            Send this text exactly as it stands{" "}
            <span class="muted">Otherwise it is written as AhaSend does, with the id of the endpoint.</span>
          </span>
        </label>
        {isExact.value && draftFields.value !== undefined && (
          <button type="button" onClick={() => (text.value = JSON.stringify(draftFields.value))}>
            Minify
          </button>
        )}
      </div>
    </>
  );
}
