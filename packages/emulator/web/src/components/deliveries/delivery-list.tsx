import { useSignal } from "@preact/signals";

import { clearFilter, visibleRows } from "../../filter.js";
import { formatCount } from "../../format.js";
import { DeliveryItem } from "./delivery-item.js";
import { Empty } from "../shared/empty.js";

const PAGE = 100;

/** The deliveries, newest first. */
export function DeliveryList({ selected }: { selected: string | undefined }) {
  const limit = useSignal(PAGE);
  const rows = visibleRows.value;
  if (rows.length === 0) {
    return (
      <Empty title="No matching deliveries">
        <p>
          <button type="button" onClick={clearFilter}>
            Show all
          </button>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <div class="columns" aria-hidden="true">
        <span />
        <span>State</span>
        <span>Event</span>
        <span>Endpoint</span>
        <span>Attempts</span>
        <span>Result</span>
        <span>Latency</span>
        <span>When</span>
      </div>
      <ul class="deliveries" onKeyDown={moveFocus}>
        {rows.slice(0, limit.value).map((row) => (
          <DeliveryItem key={row.key} row={row} isOpen={row.key === selected} />
        ))}
      </ul>
      {rows.length > limit.value && (
        <p class="more">
          <button type="button" onClick={() => (limit.value += PAGE)}>
            Show {PAGE} more of {formatCount(rows.length, "delivery", "deliveries")}
          </button>
        </p>
      )}
    </>
  );
}

/** Moves to the next or previous delivery with the arrow keys. */
function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll("a")];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
