import type { ComponentChildren } from "preact";

import { kindNames } from "../../endpoint-names.js";
import { counts, filter, heldRows, narrow, newestFirst, types } from "../../filter.js";
import type { Filter } from "../../passes-filter.js";
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
  return (
    <search class="filters">
      <label class="search">
        <span class="hidden">Search by type, recipient, id, endpoint or status</span>
        <input
          type="search"
          placeholder="Recipient, id, status …"
          value={filter.value.text}
          onInput={({ currentTarget }) => narrow({ text: currentTarget.value })}
        />
      </label>
      <FilterSelect label="State" name="state">
        {(Object.keys(states) as (keyof typeof states)[]).map((each) => (
          <option key={each} value={each}>
            {`${states[each]} (${counts.value[each]})`}
          </option>
        ))}
      </FilterSelect>
      {types.value.length > 1 && (
        <FilterSelect label="Event type" name="type">
          <option value="">All types</option>
          {types.value
            .filter((type) => type !== "")
            .map((type) => (
              <option key={type} value={type}>
                {type}
              </option>
            ))}
        </FilterSelect>
      )}
      {endpoints.value.size > 1 && (
        <FilterSelect label="Endpoint" name="endpointId">
          <option value="">All endpoints</option>
          {[...endpoints.value.values()].map(({ id, name, kind }) => (
            <option key={id} value={id}>
              {`${name} (${kindNames[kind]})`}
            </option>
          ))}
        </FilterSelect>
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

interface FilterSelectProps {
  label: string;
  name: Exclude<keyof Filter, "text">;
  children: ComponentChildren;
}

function FilterSelect({ label, name, children }: FilterSelectProps) {
  return (
    <label>
      <span class="hidden">{label}</span>
      <select
        value={filter.value[name]}
        onChange={({ currentTarget }) => narrow({ [name]: currentTarget.value })}
      >
        {children}
      </select>
    </label>
  );
}
