import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api } from "../../api.js";
import { draft, draftFields, editBody, samples, startDraft } from "../../draft.js";
import { perform } from "../../notices.js";
import { Choice } from "../shared/choice.js";
import { SavedEvents } from "./saved-events.js";
import { EventForm } from "./event-form.js";
import { JsonEditor } from "./json-editor.js";
import { SendPanel } from "./send-panel.js";
import { TypeSelect } from "./type-select.js";

const modes = { form: "Fields", json: "JSON" } as const;

/**
 * A form that composes an event and sends it.
 *
 * @param from the key of a delivery whose body to start from
 */
export function SendView({ from }: { from: string | undefined }) {
  const mode = useSignal<keyof typeof modes>("form");
  useEffect(() => {
    void perform(async () => {
      if (samples.value.length === 0) await startDraft("message.bounced");
      if (from !== undefined) editBody(await api.body(from));
    });
  }, [from]);
  const isForm = mode.value === "form" && draftFields.value !== undefined && !draft.isExact.value;

  return (
    <>
      <h1 tabIndex={-1}>Send an event</h1>
      {samples.value.length > 0 && (
        <div class="compose">
          <section class="card" aria-label="Event">
            <div class="row spread">
              <TypeSelect />
              <Choice
                legend="Edit as"
                options={modes}
                value={isForm ? "form" : "json"}
                onChange={(next) => (mode.value = next)}
              />
            </div>
            {isForm ? <EventForm /> : <JsonEditor />}
            <SavedEvents />
          </section>
          <SendPanel />
        </div>
      )}
    </>
  );
}
