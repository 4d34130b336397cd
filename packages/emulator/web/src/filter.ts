import { computed, signal } from "@preact/signals";

import type { DeliveryRow } from "../../src/dev/view.js";
import { endpointName, outcomeOf } from "./progress.js";
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
export const held = signal<readonly DeliveryRow[] | undefined>(undefined);

/** All deliveries, newest first. */
export const newest = computed(() => [...deliveries.value.values()].toReversed());

/** The deliveries to show, newest first. */
export const shown = computed(() => (held.value ?? newest.value).filter((row) => passes(row, filter.value)));

/** How many there are of each state. */
export const counts = computed(() => {
  const found = { all: 0, pending: 0, delivered: 0, failed: 0, cancelled: 0 };
  for (const { state } of held.value ?? newest.value) {
    found.all += 1;
    found[state] += 1;
  }
  return found;
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
  const haystack = [row.type, row.id, row.about, endpointName(row.endpointId), outcomeOf(row)]
    .join(" ")
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}
