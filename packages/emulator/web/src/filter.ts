import { computed, signal } from "@preact/signals";

import type { DeliveryRow } from "../../src/dev/view.js";
import { endpointName } from "./endpoint-names.js";
import { describeResult } from "./progress.js";
import { deliveries, endpoints } from "./state.js";

/** Filters of the list of deliveries. */
export interface Filter {
  text: string;
  state: DeliveryRow["state"] | "all";
  endpointId: string;
}

const everything: Filter = { text: "", state: "all", endpointId: "" };

/** The current filters. */
export const filter = signal<Filter>(everything);

/** The deliveries at the moment the list was put on hold; `undefined` if it is live. */
export const heldRows = signal<readonly DeliveryRow[] | undefined>(undefined);

/** All deliveries, newest first. */
export const newestFirst = computed(() => [...deliveries.value.values()].toReversed());

/** The deliveries that pass the filters, newest first. */
export const visibleRows = computed(() =>
  (heldRows.value ?? newestFirst.value).filter((row) => passes(row, filter.value)),
);

/** The number of deliveries in each state. */
export const counts = computed(() => {
  const totals = { all: 0, pending: 0, delivered: 0, failed: 0, cancelled: 0 };
  for (const { state } of heldRows.value ?? newestFirst.value) {
    totals.all += 1;
    totals[state] += 1;
  }
  return totals;
});

/** Changes some of the filters. */
export function narrow(changes: Partial<Filter>): void {
  filter.value = { ...filter.value, ...changes };
}

/** Removes all filters. */
export function clearFilter(): void {
  filter.value = everything;
}

function passes(row: DeliveryRow, { text, state, endpointId }: Filter): boolean {
  if (state !== "all" && row.state !== state) return false;
  // A deleted endpoint is no longer in the list, so its filter could not be removed.
  if (endpoints.value.has(endpointId) && row.endpointId !== endpointId) return false;
  const words = text.toLowerCase().split(/\s+/);
  const haystack = [row.type, row.id, row.about, endpointName(row.endpointId), describeResult(row)]
    .join(" ")
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}
