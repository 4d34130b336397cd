import { draft, draftFields } from "../../draft.js";

/** An editor for the Event as JSON. */
export function JsonEditor() {
  const { text, isExact } = draft;
  const rows = Math.min(Math.max(text.value.split("\n").length + 1, 12), 32);
  return (
    <>
      <label class="field">
        <span class="hidden">Event as JSON</span>
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
            Send exactly these bytes{" "}
            <span class="muted">
              Otherwise the JSON is formatted as AhaSend does, with the endpoint's id.
            </span>
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
