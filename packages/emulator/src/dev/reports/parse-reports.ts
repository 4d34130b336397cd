import type { Attempt } from "../../deliveries/attempt.js";
import type { Delivery } from "../../deliveries/delivery.js";
import type { RefusalReport } from "../../doctor/refusal-report.js";
import { type Origin, origins } from "./origin.js";
import type { AttemptReport, DeliveryReport, Reports } from "./report.js";

/** An attempt that a command made. */
export type ReportedAttempt = Attempt & { readonly explanation: RefusalReport | null };

/** A delivery that a command made, or that `listen` received. */
export interface ReportedDelivery extends Delivery {
  readonly origin: Origin;
  readonly isDuplicate: boolean;
  readonly attempts: readonly ReportedAttempt[];
}

/**
 * Returns the deliveries in a report.
 *
 * @throws {TypeError} for a report that no command of this version makes
 */
export function parseReports(fields: Partial<Record<keyof Reports, unknown>>): ReportedDelivery[] {
  const origin = origins.find((each) => each === fields.origin);
  if (origin === undefined) throw new TypeError(`origin must be one of ${origins.join(", ")}.`);
  if (!Array.isArray(fields.deliveries)) throw new TypeError("deliveries must be a list.");
  return fields.deliveries.map((report: unknown) => {
    try {
      return createDelivery(origin, report as DeliveryReport);
    } catch (cause) {
      const message = "A delivery in the report has invalid fields: use the same version of both programs.";
      throw new TypeError(message, { cause });
    }
  });
}

function createDelivery(origin: Origin, report: DeliveryReport): ReportedDelivery {
  const { key, id, type, state, copy } = report;
  if ([key, id, type, state].some((value) => typeof value !== "string")) throw new TypeError("Not a string.");
  const attempts = report.attempts.map(createAttempt);
  const body = attempts[0]?.request.body ?? "";
  const delivery: Omit<ReportedDelivery, "settled"> = {
    key,
    id,
    type,
    state,
    copy,
    origin,
    endpointId: "",
    body: typeof body === "string" ? body : Buffer.from(body).toString(),
    faults: [],
    createdAt: toDate(report.createdAt),
    isInFlight: false,
    isDuplicate: report.isDuplicate,
    nextAttemptAt: report.nextAttemptAt === null ? undefined : toDate(report.nextAttemptAt),
    attempts,
  };
  return Object.assign(delivery, { settled: Promise.resolve(delivery as ReportedDelivery) });
}

function createAttempt({
  startedAt,
  nextAttemptAt,
  request: { body, headers, method, url },
  ...others
}: AttemptReport): ReportedAttempt {
  if (!Array.isArray(others.redirects) || typeof others.latencyMs !== "number")
    throw new TypeError("Invalid.");
  return {
    ...others,
    request: {
      method,
      url: new URL(url).href,
      headers: { ...headers },
      body: typeof body === "string" ? body : Buffer.from(body.base64, "base64"),
    },
    startedAt: toDate(startedAt),
    ...(nextAttemptAt !== null && { nextAttemptAt: toDate(nextAttemptAt) }),
  };
}

function toDate(time: number): Date {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new TypeError("Not a time.");
  return date;
}
