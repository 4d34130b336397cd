import { useSignal } from "@preact/signals";

import type { DeliveryRow } from "../../../../src/dev/view.js";
import { api } from "../../api.js";
import { draft, draftError, draftHints, draftTarget, buildEmission } from "../../draft.js";
import { kindNames } from "../../endpoint-names.js";
import { eventFaults } from "../../fault-options.js";
import { perform } from "../../notices.js";
import { href } from "../../navigation.js";
import { endpoints } from "../../state.js";
import { FaultPicker } from "../shared/fault-picker.js";
import { Icon } from "../shared/icon.js";
import { SentList } from "./sent-list.js";

/** The endpoint and the faults to send with, and the deliveries that were made. */
export function SendPanel() {
  /** The deliveries of the last event sent; `undefined` before the first. */
  const sent = useSignal<readonly DeliveryRow[] | undefined>(undefined);
  const { faults, endpointId } = draft;
  const all = [...endpoints.value.values()];
  const submit = async (event: Event) => {
    event.preventDefault();
    await perform(async () => {
      sent.value = await api.emit(buildEmission());
    });
  };

  return (
    <form class="card send" aria-label="Delivery" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>To</span>
        <select
          value={draftTarget.value}
          onChange={({ currentTarget }) => (endpointId.value = currentTarget.value)}
        >
          <option value="">All matching endpoints</option>
          {all.map(({ id, name, kind }) => (
            <option key={id} value={id}>
              {`${name} (${kindNames[kind]})`}
            </option>
          ))}
        </select>
      </label>
      {all.length === 0 && (
        <p class="hint">
          There are no endpoints yet: <a href={href({ view: "endpoints" })}>add one</a> first.
        </p>
      )}
      <details open={faults.value.length > 0}>
        <summary>
          Faults{" "}
          <span class="muted">{faults.value.length === 0 ? "none" : `${faults.value.length} selected`}</span>
        </summary>
        <FaultPicker kinds={eventFaults} faults={faults.value} onChange={(next) => (faults.value = next)} />
      </details>
      <div role="status">
        {draftError.value !== "" && <p class="error">{draftError.value}</p>}
        {draftHints.value.length > 0 && (
          <ul class="hints">
            {draftHints.value.map((hint) => (
              <li key={hint}>{hint}</li>
            ))}
          </ul>
        )}
      </div>
      <button type="submit" class="primary wide" disabled={draftError.value !== ""}>
        <Icon name="send" />
        Send
      </button>
      {sent.value !== undefined && <SentList rows={sent.value} />}
    </form>
  );
}
