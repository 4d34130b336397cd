import type { DeliveryRow } from "../../../../src/dev/view.js";
import { formatLatency, formatTime } from "../../format.js";
import { describeTarget } from "../../endpoint-names.js";
import { countMaxAttempts, describeResult, toProgress } from "../../progress.js";
import { href } from "../../navigation.js";
import { isSelected, select } from "../../selection.js";
import { Badge } from "../shared/badge.js";
import { Countdown } from "../shared/countdown.js";

/** A delivery in the list, linked to its details. */
export function DeliveryItem({ row, isOpen }: { row: DeliveryRow; isOpen: boolean }) {
  const { key, id, copy, type, about, report, isFaulty, attempts, latencyMs, createdAt } = row;
  const progress = toProgress(row);
  const isRetrying = progress.label === "Retrying";
  return (
    <li>
      {report === null ? (
        <label class="select">
          <input
            type="checkbox"
            checked={isSelected(key)}
            onChange={({ currentTarget }) => select(key, currentTarget.checked)}
          />
          <span class="hidden">
            Select {type === "" ? "the delivery without a type" : type}, {id}
          </span>
        </label>
      ) : (
        <span class="select" />
      )}
      <a class="delivery" href={href({ view: "deliveries", key })} aria-current={isOpen ? "true" : undefined}>
        <Badge progress={progress} />
        <span class="event">
          <span class="type">
            {type === "" ? "(no type)" : type}
            {copy > 1 && <span class="tag">copy {copy}</span>}
            {isFaulty && <span class="tag">fault</span>}
            {report !== null && <span class="tag">by {report.origin}</span>}
          </span>{" "}
          <span class="muted cut">
            {about !== "" && `${about} · `}
            <span class="mono">{id}</span>
          </span>
        </span>
        <span class="endpoint cut">{describeTarget(row)}</span>
        <span class="attempts">
          {report?.origin === "check" || report?.origin === "listen"
            ? attempts
            : `${attempts}/${countMaxAttempts(row)}`}
          <span class="hidden"> attempts</span>
        </span>
        <span class="outcome mono">{describeResult(row)}</span>
        <span class="latency">{latencyMs !== null && formatLatency(latencyMs)}</span>
        <span class="when">
          {isRetrying && row.nextAttemptAt !== null ? (
            <Countdown to={row.nextAttemptAt} />
          ) : (
            <time dateTime={new Date(createdAt).toISOString()}>{formatTime(createdAt)}</time>
          )}
        </span>
      </a>
    </li>
  );
}
