import { useSignal } from "@preact/signals";

import type { DeliveryDetail } from "../../../../src/dev/view.js";
import type { Fault } from "../../../../src/faults/faults.js";
import { api } from "../../api.js";
import { formatTime } from "../../format.js";
import { perform } from "../../notices.js";
import { endpointName } from "../../endpoint-names.js";
import { toProgress } from "../../progress.js";
import { href, navigate } from "../../navigation.js";
import { Badge } from "../shared/badge.js";
import { CopyButton } from "../shared/copy-button.js";
import { Icon } from "../shared/icon.js";
import { ReplayDialog } from "./replay-dialog.js";

/** The facts and the progress of a delivery, and the buttons to replay it. */
export function DeliveryHead({ delivery }: { delivery: DeliveryDetail }) {
  const { key, id, copy, type, about, endpointId, faults, createdAt, attempts } = delivery;
  const isPickingFaults = useSignal(false);
  const replay = (replayFaults: readonly Fault[] = []) =>
    perform(async () => navigate({ view: "deliveries", key: (await api.replay(key, replayFaults)).key }));

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
        <dd>{endpointName(endpointId)}</dd>
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
      <p class="row">
        <button type="button" class="primary" onClick={() => void replay()}>
          <Icon name="retry" />
          Replay
        </button>
        <button type="button" onClick={() => (isPickingFaults.value = true)}>
          Replay with faults…
        </button>
        <a class="button" href={href({ view: "send", from: key })}>
          Edit and send
        </a>
      </p>
      {isPickingFaults.value && (
        <ReplayDialog onReplay={replay} onClose={() => (isPickingFaults.value = false)} />
      )}
    </header>
  );
}

/** Returns a fault as `timestamp offsetSeconds=-600`. */
function describe({ kind, ...fields }: Fault): string {
  return [kind, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(" ");
}
