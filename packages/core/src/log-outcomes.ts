import { callQuietly } from "./call-quietly.js";
import { describeError, summarizeError, toPrintable } from "./describe-error.js";
import type { WebhookError } from "./errors.js";
import type { EventIssue } from "./events/event-issue.js";
import type { OutcomeListener, Outcome } from "./outcome.js";

/** The log that {@link logOutcomes} writes to, such as `console`. An entry is complete, and may have several lines. */
export interface OutcomeLog {
  warn(entry: string): unknown;
  /** For handlers that failed. */
  error(entry: string): unknown;
}

/** Options of {@link logOutcomes}. */
export interface LogOutcomesOptions {
  /** Milliseconds, from a clock that is never adjusted. @default the time since the process started */
  now?: () => number;
}

/** The error of an outcome, or that of its store; `undefined` for the issues of its event. */
interface Trouble {
  outcome: Outcome;
  error: WebhookError | undefined;
}

/** The minute after an entry, in which the same kind of trouble is only counted. */
interface Minute {
  startedAt: number;
  leftOut: number;
  latest?: Trouble;
}

const MINUTE_MS = 60_000;

/** Above this number failed handlers share one kind: their messages may differ each time. */
const MAX_KINDS = 32;

/**
 * Creates a listener that logs refusals and store errors, with their causes, and the issues of events: at most one entry a minute for each code, and for each
 * event type and error of a failed handler. The number of entries left out is logged at the end of the minute, even if nothing
 * else happens, and when the receiver closes. It is the default of `onOutcome`, on the console.
 *
 * @throws {TypeError} for a log without `warn` or `error`
 *
 * @example
 * createReceiver({ secret, on, onOutcome: logOutcomes(logger) });
 */
export function logOutcomes(
  log: OutcomeLog,
  { now = () => performance.now() }: LogOutcomesOptions = {},
): OutcomeListener {
  const given: Partial<OutcomeLog> | null | undefined = log;
  if (typeof given?.warn !== "function" || typeof given.error !== "function") {
    throw new TypeError("logOutcomes needs a log with the methods warn and error, such as console.");
  }
  /** By kind of trouble, the oldest first. */
  const minutes = new Map<string, Minute>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const write = ({ outcome, error }: Trouble, more = "") => {
    const level = error?.code === "handler_failed" || outcome.code === "dead" ? "error" : "warn";
    callQuietly(() => log[level](toEntry(outcome, error, more)));
  };

  const note = (trouble: Trouble) => {
    const kind = toKind(trouble, minutes.size < MAX_KINDS);
    const minute = minutes.get(kind);
    if (minute === undefined) {
      minutes.set(kind, { startedAt: now(), leftOut: 0 });
      write(trouble);
    } else {
      minute.leftOut += 1;
      minute.latest = trouble;
      startTimer();
    }
  };

  const endMinutes = (startedBy: number) => {
    for (const [kind, { startedAt, leftOut, latest }] of minutes) {
      if (startedAt > startedBy) break;
      minutes.delete(kind);
      if (latest === undefined) continue;
      const endedAt = now();
      minutes.set(kind, { startedAt: endedAt, leftOut: 0 });
      write(
        latest,
        `… and ${leftOut} more in the last ${Math.round((endedAt - startedAt) / 1000)} s, the latest`,
      );
    }
  };

  /** Without it, the entries left out at the end of a flood would never be reported. */
  const startTimer = () => {
    if (timer !== undefined) return;
    const first = [...minutes.values()].find(({ leftOut }) => leftOut > 0);
    if (first === undefined) return;
    const end = () => {
      timer = undefined;
      endMinutes(now() - MINUTE_MS);
      startTimer();
    };
    timer = setTimeout(() => callQuietly(end), first.startedAt + MINUTE_MS - now());
    timer.unref?.();
  };

  const observe = (outcome: Outcome) => {
    if (minutes.size > 0) endMinutes(now() - MINUTE_MS);
    if ("error" in outcome) note({ outcome, error: outcome.error });
    if (outcome.issues !== undefined) note({ outcome, error: undefined });
    if (outcome.storeError !== undefined) note({ outcome, error: outcome.storeError });
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    endMinutes(Infinity);
  };
  return Object.assign(observe, { flush });
}

/** Only authentic deliveries reach a handler: so strangers cannot create kinds. */
function toKind({ outcome, error }: Trouble, mayBeNew: boolean): string {
  if (error === undefined) return `issues ${outcome.type}`;
  const kind = error === outcome.storeError ? error.code : `${outcome.code} ${error.code}`;
  if (error.code !== "handler_failed" || !mayBeNew) return kind;
  return `${kind} ${outcome.type} ${summarizeError(error.cause)}`;
}

function toEntry(outcome: Outcome, error: WebhookError | undefined, more: string): string {
  const isStoreError = error !== undefined && error === outcome.storeError;
  // A success status beside a failure would confuse: a worker sends no reply.
  const isOfWorker = outcome.kind === "failed" || outcome.kind === "dead";
  const about = [outcome.type, outcome.deliveryId].filter((part) => part !== undefined).join(" ");
  const parts = [
    `[ahasend-webhooks] ${isOfWorker ? "" : `${outcome.status} `}${outcome.code}`,
    outcome.late && ", late",
    isStoreError && `, storeError ${error.code}`,
    error === undefined && ", issues",
    more && `: ${more}`,
    about && ` (${about})`,
    `: ${isStoreError ? "The store failed: a retry of this delivery may be handled again." : (error?.message ?? describeIssues(outcome.issues))}`,
    error !== undefined &&
      Object.hasOwn(error, "cause") &&
      `\n  caused by: ${describeError(error.cause).replaceAll("\n", "\n  ")}`,
  ];
  return parts.filter((part) => typeof part === "string").join("");
}

const MAX_ISSUES = 5;
const MAX_ISSUE_LENGTH = 200;

/** One line, whatever the validator has returned. */
function describeIssues(issues: readonly EventIssue[] = []): string {
  const lines = issues.slice(0, MAX_ISSUES).map((issue: Partial<EventIssue> | null) => {
    const path = Array.isArray(issue?.path) ? issue.path.map(String).join(".") : "";
    return `${path} ${String(issue?.message)}`.trim().slice(0, MAX_ISSUE_LENGTH);
  });
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : "";
  return `The event is not as documented, and was not refused for it: ${toPrintable(lines.join("; "))}${more}.`;
}
