import { computed, signal } from "@preact/signals";

import { visibleRows } from "./filter.js";

/** The keys of the selected deliveries; some may have left the list since. */
const selected = signal<ReadonlySet<string>>(new Set());

/** The keys of the selected deliveries in the list, newest first. */
export const selectedKeys = computed(() =>
  visibleRows.value.filter(({ key }) => selected.value.has(key)).map(({ key }) => key),
);

/** Returns whether a delivery is selected. */
export function isSelected(key: string): boolean {
  return selected.value.has(key);
}

/** Selects a delivery, or removes it from the selection. */
export function select(key: string, isOn: boolean): void {
  const next = new Set(selected.value);
  if (isOn) next.add(key);
  else next.delete(key);
  selected.value = next;
}

/** Selects nothing. */
export function clearSelection(): void {
  selected.value = new Set();
}
