import { computed, signal } from "@preact/signals";

import type { DeliveryRow } from "../../src/dev/view.js";
import { endpointName, describeResult } from "./progress.js";
import { deliveries, endpoints } from "./state.js";

/** What the list is narrowed down to. */
export interface Filter {
  text: string;
  state: DeliveryRow["state"] | "all";
  endpointId: string;
}

const everything: Filter = { text: "", state: "all", endpointId: "" };

/** What the list is narrowed down to now. */
export const filter = signal<Filter>(everything);

/** The deliveries as they were when the list was held; undefined when it follows. */
export const heldRows = signal<readonly DeliveryRow[] | undefined>(undefined);

/** All deliveries, newest first. */
export const newestFirst = computed(() => [...deliveries.value.values()].toReversed());

/** The deliveries to show, newest first. */
export const visibleRows = computed(() =>
  (heldRows.value ?? newestFirst.value).filter((row) => passes(row, filter.value)),
);

/** How many there are of each state. */
export const counts = computed(() => {
  const totals = { all: 0, pending: 0, delivered: 0, failed: 0, cancelled: 0 };
  for (const { state } of heldRows.value ?? newestFirst.value) {
    totals.all += 1;
    totals[state] += 1;
  }
  return totals;
});

/** Narrows the list down further, or less. */
export function narrow(changes: Partial<Filter>): void {
  filter.value = { ...filter.value, ...changes };
}

/** Shows everything. */
export function clearFilter(): void {
  filter.value = everything;
}

function passes(row: DeliveryRow, { text, state, endpointId }: Filter): boolean {
  if (state !== "all" && row.state !== state) return false;
  // One that was deleted meanwhile can no longer be chosen, nor be given up.
  if (endpoints.value.has(endpointId) && row.endpointId !== endpointId) return false;
  const words = text.toLowerCase().split(/\s+/);
  const haystack = [row.type, row.id, row.about, endpointName(row.endpointId), describeResult(row)]
    .join(" ")
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}
