import { changeType, draftFields, samples, startDraft } from "../../draft.js";
import { perform } from "../../notices.js";

/** Selects the type of the event. */
export function TypeSelect() {
  const type = draftFields.value?.["type"];
  const types = samples.value.map((sample) => String(sample["type"]));
  const current = typeof type === "string" ? type : "";
  return (
    <div class="row">
      <label class="field">
        <span>Event type</span>
        <select value={current} onChange={({ currentTarget }) => changeType(currentTarget.value)}>
          {!types.includes(current) && (
            <option value={current}>{current === "" ? "unknown" : current}</option>
          )}
          {types.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="ghost bottom"
        onClick={() => void perform(() => startDraft(types.includes(current) ? current : "message.bounced"))}
      >
        Reset
      </button>
    </div>
  );
}
