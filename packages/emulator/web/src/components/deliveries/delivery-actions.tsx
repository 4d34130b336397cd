import { useSignal } from "@preact/signals";

import type { DeliveryDetail } from "../../../../src/dev/view.js";
import type { Fault } from "../../../../src/faults/faults.js";
import { api } from "../../api.js";
import { href, navigate } from "../../navigation.js";
import { perform } from "../../notices.js";
import { toProgress } from "../../progress.js";
import { Icon } from "../shared/icon.js";
import { ReplayDialog } from "./replay-dialog.js";

/** The buttons for a delivery: for its next attempt, and to send it again. */
export function DeliveryActions({ delivery }: { delivery: DeliveryDetail }) {
  const { key, report } = delivery;
  if (report === null) return <OwnActions delivery={delivery} />;
  return (
    <>
      <p class="row">
        <EditLink deliveryKey={key} />
      </p>
      <p class="muted">
        {report.origin === "listen"
          ? "listen received this request."
          : `The command ${report.origin} sent this delivery: repeat the command to send it again.`}
      </p>
    </>
  );
}

function OwnActions({ delivery }: { delivery: DeliveryDetail }) {
  const { key, state, isInFlight } = delivery;
  const isPaused = toProgress({ ...delivery, attempts: delivery.attempts.length }).label === "Paused";
  const isPickingFaults = useSignal(false);
  const replay = (options: { faults?: readonly Fault[]; newId?: boolean } = {}) =>
    perform(async () => navigate({ view: "deliveries", key: (await api.replay(key, options)).key }));
  return (
    <>
      {state === "pending" && (
        <p class="row">
          <button
            type="button"
            class="primary"
            disabled={isInFlight || isPaused}
            title={isPaused ? "The endpoint is paused: switch it back to Normal." : undefined}
            onClick={() => void perform(() => api.retryNow(key))}
          >
            <Icon name="play" />
            Retry now
          </button>
          <button type="button" onClick={() => void perform(() => api.cancel(key))}>
            <Icon name="ban" />
            Cancel the delivery
          </button>
        </p>
      )}
      <p class="row">
        <button type="button" class={state === "pending" ? "" : "primary"} onClick={() => void replay()}>
          <Icon name="retry" />
          Replay
        </button>
        <button type="button" onClick={() => void replay({ newId: true })}>
          Replay as new delivery
        </button>
        <button type="button" onClick={() => (isPickingFaults.value = true)}>
          Replay with faults…
        </button>
        <EditLink deliveryKey={key} />
      </p>
      <p class="muted">
        Replay repeats the webhook-id: a receiver that has handled it acknowledges the duplicate, and its
        handler does not run. As a new delivery it gets a new id, and the handler runs again.
      </p>
      {isPickingFaults.value && (
        <ReplayDialog
          onReplay={(faults) => replay({ faults })}
          onClose={() => (isPickingFaults.value = false)}
        />
      )}
    </>
  );
}

function EditLink({ deliveryKey }: { deliveryKey: string }) {
  return (
    <a class="button" href={href({ view: "send", from: deliveryKey })}>
      Edit and send
    </a>
  );
}
