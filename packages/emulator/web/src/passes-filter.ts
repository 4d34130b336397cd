import type { DeliveryRow } from "../../src/dev/view.js";

/** Filters of the list of deliveries. */
export interface Filter {
  /** Words, all of which must occur; case is ignored. */
  text: string;
  state: DeliveryRow["state"] | "all";
  /** Empty: all types. */
  type: string;
  /** Empty: all endpoints. */
  endpointId: string;
}

/**
 * Returns whether a delivery passes the filters.
 *
 * @param words shown with it besides its own fields, such as the name of its endpoint
 */
export function passesFilter(row: DeliveryRow, filter: Filter, words: readonly string[]): boolean {
  const { text, state, type, endpointId } = filter;
  if (state !== "all" && row.state !== state) return false;
  if (type !== "" && row.type !== type) return false;
  if (endpointId !== "" && row.endpointId !== endpointId) return false;
  const haystack = [row.type, row.id, row.about, ...words].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
