import { kindNames } from "../../endpoint-names.js";
import { counts, filter, heldRows, narrow, newestFirst } from "../../filter.js";
import { endpoints } from "../../state.js";
import { Icon } from "../shared/icon.js";

const states = {
  all: "All",
  pending: "Pending",
  delivered: "Delivered",
  failed: "Failed",
  cancelled: "Cancelled",
} as const;

/** The filters of the list of deliveries. */
export function FilterBar() {
  const { text, state, endpointId } = filter.value;
  return (
    <search class="filters">
      <label class="search">
        <span class="hidden">Search by type, recipient, id, endpoint or status</span>
        <input
          type="search"
          placeholder="Type, recipient, id, status …"
          value={text}
          onInput={({ currentTarget }) => narrow({ text: currentTarget.value })}
        />
      </label>
      <label>
        <span class="hidden">State</span>
        <select
          value={state}
          onChange={({ currentTarget }) => narrow({ state: currentTarget.value as keyof typeof states })}
        >
          {(Object.keys(states) as (keyof typeof states)[]).map((each) => (
            <option key={each} value={each}>
              {`${states[each]} (${counts.value[each]})`}
            </option>
          ))}
        </select>
      </label>
      {endpoints.value.size > 1 && (
        <label>
          <span class="hidden">Endpoint</span>
          <select
            value={endpointId}
            onChange={({ currentTarget }) => narrow({ endpointId: currentTarget.value })}
          >
            <option value="">All endpoints</option>
            {[...endpoints.value.values()].map(({ id, name, kind }) => (
              <option key={id} value={id}>
                {`${name} (${kindNames[kind]})`}
              </option>
            ))}
          </select>
        </label>
      )}
      <button
        type="button"
        aria-pressed={heldRows.value !== undefined}
        title="Freezes the list while you read. Deliveries continue."
        onClick={() => (heldRows.value = heldRows.value === undefined ? newestFirst.value : undefined)}
      >
        <Icon name={heldRows.value === undefined ? "pause" : "play"} />
        Hold
      </button>
    </search>
  );
}
