import { useSignal } from "@preact/signals";

import { api } from "../../api.js";
import { buildEvent, draftError, loadEvent } from "../../draft.js";
import { perform } from "../../notices.js";
import { savedEvents } from "../../state.js";
import { Icon } from "../shared/icon.js";

/** Saves the composed event under a name, and opens those that were saved. */
export function SavedEvents() {
  const name = useSignal("");
  const opened = useSignal("");
  const current = savedEvents.value.includes(opened.value) ? opened.value : "";
  const save = async (event: Event) => {
    event.preventDefault();
    const saved = name.value.trim();
    const isSaved = await perform(() => api.saveEvent(saved, buildEvent()), `Saved as “${saved}”.`);
    if (!isSaved) return;
    opened.value = saved;
    name.value = "";
  };
  const open = (next: string) => {
    opened.value = next;
    if (next !== "") void perform(async () => loadEvent(await api.savedEvent(next)));
  };
  return (
    <form class="row saved" aria-label="Saved events" onSubmit={(event) => void save(event)}>
      {savedEvents.value.length > 0 && (
        <label class="field">
          <span>Saved events</span>
          <select value={current} onChange={({ currentTarget }) => open(currentTarget.value)}>
            <option value="">Open …</option>
            {savedEvents.value.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      )}
      {current !== "" && (
        <button
          type="button"
          class="ghost bottom"
          onClick={() => void perform(() => api.deleteSavedEvent(current), `Deleted “${current}”.`)}
        >
          Delete<span class="hidden"> the saved event {current}</span>
        </button>
      )}
      <label class="field">
        <span>Save under the name</span>
        <input
          type="text"
          maxLength={100}
          required
          value={name.value}
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
      </label>
      <button type="submit" class="bottom" disabled={draftError.value !== ""}>
        <Icon name="plus" />
        Save
      </button>
    </form>
  );
}
