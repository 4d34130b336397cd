import type { DeliveryDetail } from "../../../../src/dev/view.js";
import type { Fault } from "../../../../src/faults/faults.js";
import { formatTime } from "../../format.js";
import { describeTarget } from "../../endpoint-names.js";
import { toProgress } from "../../progress.js";
import { Badge } from "../shared/badge.js";
import { CopyButton } from "../shared/copy-button.js";
import { DeliveryActions } from "./delivery-actions.js";

/** The facts and the progress of a delivery, and the buttons for it. */
export function DeliveryHead({ delivery }: { delivery: DeliveryDetail }) {
  const { id, copy, type, about, faults, createdAt, attempts } = delivery;

  return (
    <header class="head">
      <div class="row spread">
        <h2>{type === "" ? "(no type)" : type}</h2>
        <div role="status">
          <Badge progress={toProgress({ ...delivery, attempts: attempts.length })} />
        </div>
      </div>
      <dl class="facts">
        <dt>webhook-id</dt>
        <dd class="mono">
          {id} <CopyButton what="the id" text={() => id} />
        </dd>
        {about !== "" && (
          <>
            <dt>About</dt>
            <dd>{about}</dd>
          </>
        )}
        <dt>Endpoint</dt>
        <dd>{describeTarget(delivery)}</dd>
        <dt>Created</dt>
        <dd>
          {formatTime(createdAt)}
          {copy > 1 && `, copy ${copy} of this id`}
        </dd>
        {faults.length > 0 && (
          <>
            <dt>Faults</dt>
            <dd>
              {faults.map((fault) => (
                <code key={fault.kind} class="tag">
                  {describe(fault)}
                </code>
              ))}
            </dd>
          </>
        )}
      </dl>
      <DeliveryActions delivery={delivery} />
    </header>
  );
}

/** Returns a fault as `timestamp offsetSeconds=-600`. */
function describe({ kind, ...fields }: Fault): string {
  return [kind, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(" ");
}
