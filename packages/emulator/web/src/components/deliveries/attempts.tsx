import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import type { AttemptView, DeliveryDetail } from "../../../../src/dev/view.js";
import { countMaxAttempts, isAcknowledged, toProgress } from "../../progress.js";
import { AttemptExchange } from "./attempt-exchange.js";
import { BodyViewer } from "./body-viewer.js";
import { Countdown } from "../shared/countdown.js";
import { Icon } from "../shared/icon.js";

/** The attempts of a delivery as tabs. The newest is open unless another is selected. */
export function Attempts({ delivery }: { delivery: DeliveryDetail }) {
  const { key, attempts } = delivery;
  const selectedNumber = useSignal<number | undefined>(undefined);
  const id = useId();
  const selected = attempts.find(({ number }) => number === selectedNumber.value) ?? attempts.at(-1);
  if (selected === undefined) return <NoAttempt delivery={delivery} />;
  const select = ({ number }: AttemptView) =>
    (selectedNumber.value = number === attempts.at(-1)?.number ? undefined : number);
  return (
    <>
      <div class="track">
        <div role="tablist" aria-label="Attempts" onKeyDown={moveBetweenTabs}>
          {attempts.map((attempt) => (
            <button
              key={attempt.number}
              type="button"
              role="tab"
              id={`${id}-${attempt.number}`}
              class={isAcknowledged(attempt.response) ? "good" : "bad"}
              aria-selected={attempt === selected}
              aria-controls={`${id}-panel`}
              tabIndex={attempt === selected ? 0 : -1}
              onClick={() => select(attempt)}
              onFocus={() => select(attempt)}
            >
              <Icon name={isAcknowledged(attempt.response) ? "check" : "cross"} />
              <span class="hidden">Attempt </span>
              {attempt.number}
              <span class="muted mono">{attempt.response?.status ?? attempt.error?.code}</span>
            </button>
          ))}
        </div>
        <Next delivery={delivery} />
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected.number}`}>
        <AttemptExchange
          key={`${key}#${selected.number}`}
          deliveryKey={key}
          attempt={selected}
          isDuplicate={delivery.isDuplicate}
        />
      </div>
    </>
  );
}

/** The next attempt of a pending delivery. */
function Next({
  delivery: { state, isInFlight, nextAttemptAt, endpointId, type, attempts },
}: {
  delivery: DeliveryDetail;
}) {
  if (state !== "pending") return null;
  const most = countMaxAttempts({ endpointId, type });
  const next = (attempts.at(-1)?.number ?? 0) + 1;
  return (
    <p class="next">
      Attempt {next} of {most}{" "}
      {isInFlight ? "in progress" : nextAttemptAt !== null && <Countdown to={nextAttemptAt} />}
    </p>
  );
}

function NoAttempt({ delivery }: { delivery: DeliveryDetail }) {
  const { key, state, nextAttemptAt } = delivery;
  const { label } = toProgress({ ...delivery, attempts: 0 });
  return (
    <>
      <p class="track muted">
        {state === "cancelled" &&
          "It was cancelled, or the endpoint was disabled or deleted, before the first attempt."}
        {label === "Paused" &&
          "The endpoint is paused. The first attempt waits until you switch it back to Normal."}
        {label === "Sending" && "The first attempt is in progress."}
        {label === "Waiting" && nextAttemptAt !== null && (
          <>
            Next attempt: <Countdown to={nextAttemptAt} />
          </>
        )}
      </p>
      <section class="exchange" aria-label="Body">
        <BodyViewer deliveryKey={key} />
      </section>
    </>
  );
}

/** Moves to the next or previous tab with the arrow keys. Focusing a tab opens it. */
function moveBetweenTabs(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
  tabs[tabs.findIndex((tab) => tab === document.activeElement) + step]?.focus();
}
