import type { Attempt } from "../../deliveries/attempt.js";
import type { DeliveryState } from "../../deliveries/delivery.js";
import type { RefusalReport } from "../../doctor/refusal-report.js";
import type { Origin } from "./origin.js";

/** A body: a string if it is UTF-8. */
export type ReportedBody = string | { base64: string };

/** An attempt as a command reports it. Times are milliseconds since 1970. */
export interface AttemptReport extends Pick<
  Attempt,
  "number" | "latencyMs" | "redirects" | "response" | "error"
> {
  startedAt: number;
  nextAttemptAt: number | null;
  request: { method: "POST" | "GET"; url: string; headers: Record<string, string>; body: ReportedBody };
  /** Why it was refused, as the command found out: it has the secret. */
  explanation: RefusalReport | null;
}

/** A delivery as a command reports it; a later report of the same key replaces it. */
export interface DeliveryReport {
  /** Unique among all runs of all commands. */
  key: string;
  id: string;
  copy: number;
  type: string;
  createdAt: number;
  state: DeliveryState;
  nextAttemptAt: number | null;
  /** The receiver is known to have recognised it as a duplicate. */
  isDuplicate: boolean;
  attempts: AttemptReport[];
}

/** The body of `POST /api/reports`. */
export interface Reports {
  origin: Origin;
  deliveries: DeliveryReport[];
}

/** Returns a body as JSON can carry it. */
export function toReportedBody(body: string | Uint8Array): ReportedBody {
  if (typeof body === "string") return body;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return { base64: Buffer.from(body).toString("base64") };
  }
}
