import type { DeliveryRow } from "../../../../src/dev/view.js";
import { formatCount } from "../../format.js";
import { endpointName } from "../../endpoint-names.js";
import { describeResult, toProgress } from "../../progress.js";
import { href } from "../../navigation.js";
import { deliveries } from "../../state.js";
import { Badge } from "../shared/badge.js";

/** The deliveries of the last event sent, with their progress. */
export function SentList({ rows }: { rows: readonly DeliveryRow[] }) {
  if (rows.length === 0) {
    return (
      <p role="status" class="hint">
        No endpoint gets this event: each one is disabled, has the switch for this type off, or is scoped to
        other domains or recipients. <a href={href({ view: "endpoints" })}>Check the endpoints</a>
      </p>
    );
  }
  const current = rows.map((row) => deliveries.value.get(row.key) ?? row);
  return (
    <section aria-label="Sent">
      <p role="status" class="muted">
        Sent: {formatCount(rows.length, "delivery", "deliveries")}
      </p>
      <ul class="sent">
        {current.map((row) => (
          <li key={row.key}>
            <a href={href({ view: "deliveries", key: row.key })}>
              <span class="cut">{endpointName(row.endpointId)}</span>
              <span class="mono muted">{describeResult(row)}</span>
              <Badge progress={toProgress(row)} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
