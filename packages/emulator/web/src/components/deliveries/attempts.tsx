import { contract } from "@ahasend-webhooks/core/contract";
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import type { AttemptView, DeliveryDetail } from "../../../../src/dev/view.js";
import { isAcknowledged, toProgress } from "../../progress.js";
import { endpoints } from "../../state.js";
import { AttemptExchange } from "./attempt-exchange.js";
import { BodyViewer } from "./body-viewer.js";
import { Countdown } from "../shared/countdown.js";
import { Icon } from "../shared/icon.js";

/** The attempts of a delivery: one is shown, the newest unless another was chosen. */
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
        <AttemptExchange key={`${key}#${selected.number}`} deliveryKey={key} attempt={selected} />
      </div>
    </>
  );
}

/** What is to come after the attempts that were made. */
function Next({
  delivery: { state, isInFlight, nextAttemptAt, endpointId, attempts },
}: {
  delivery: DeliveryDetail;
}) {
  if (state !== "pending") return null;
  const most = contract.maxAttempts[endpoints.value.get(endpointId)?.kind ?? "webhook"];
  const next = (attempts.at(-1)?.number ?? 0) + 1;
  return (
    <p class="next">
      Attempt {next} of {most}{" "}
      {isInFlight ? "is being made" : nextAttemptAt !== null && <Countdown to={nextAttemptAt} />}
    </p>
  );
}

function NoAttempt({ delivery }: { delivery: DeliveryDetail }) {
  const { key, state, nextAttemptAt } = delivery;
  const { label } = toProgress({ ...delivery, attempts: 0 });
  return (
    <>
      <p class="track muted">
        {state === "cancelled" && "The endpoint was switched off or deleted before the first attempt."}
        {label === "Paused" && "The endpoint is paused: the first attempt waits until it goes on."}
        {label === "Sending" && "The first attempt is being made."}
        {label === "Waiting" && nextAttemptAt !== null && (
          <>
            The next attempt is due: <Countdown to={nextAttemptAt} />
          </>
        )}
      </p>
      <section class="exchange" aria-label="Body">
        <BodyViewer deliveryKey={key} />
      </section>
    </>
  );
}

/** The arrow keys go from one tab to the next, which is shown by having the focus. */
function moveBetweenTabs(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
  tabs[tabs.findIndex((tab) => tab === document.activeElement) + step]?.focus();
}
