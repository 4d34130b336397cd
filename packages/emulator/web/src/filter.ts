import { computed, signal } from "@preact/signals";

import type { DeliveryRow } from "../../src/dev/view.js";
import { describeTarget } from "./endpoint-names.js";
import { type Filter, passesFilter } from "./passes-filter.js";
import { describeResult } from "./progress.js";
import { deliveries, endpoints } from "./state.js";

const everything: Filter = { text: "", state: "all", type: "", endpointId: "" };

/** The current filters. */
export const filter = signal<Filter>(everything);

/** The deliveries at the moment the list was put on hold; `undefined` if it is live. */
export const heldRows = signal<readonly DeliveryRow[] | undefined>(undefined);

/** All deliveries, newest first. */
export const newestFirst = computed(() => [...deliveries.value.values()].toReversed());

/** The deliveries in the list, before any filter. */
const listedRows = computed(() => heldRows.value ?? newestFirst.value);

/** The filters without those whose choice has left the list: they could not be removed. */
const effectiveFilter = computed(() => {
  const { type, endpointId, ...others } = filter.value;
  return {
    ...others,
    type: types.value.includes(type) ? type : "",
    endpointId: endpoints.value.has(endpointId) ? endpointId : "",
  };
});

/** The deliveries that pass the filters, newest first. */
export const visibleRows = computed(() =>
  listedRows.value.filter((row) =>
    passesFilter(row, effectiveFilter.value, [describeTarget(row), describeResult(row)]),
  ),
);

/** The types of the deliveries in the list, in alphabetical order. */
export const types = computed(() => [...new Set(listedRows.value.map(({ type }) => type))].toSorted());

/** The number of deliveries in each state. */
export const counts = computed(() => {
  const totals = { all: 0, pending: 0, delivered: 0, failed: 0, cancelled: 0 };
  for (const { state } of listedRows.value) {
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
