import type { Endpoint } from "../endpoints/endpoint.js";
import type { Fault } from "../faults/faults.js";
import type { Origin } from "./reports/origin.js";
import type { EndpointOverride } from "../endpoints/endpoint-override.js";

/** An endpoint without its secret, which the page fetches on request. */
export type EndpointView = Endpoint extends infer Each
  ? Each extends Endpoint
    ? Omit<Each, "secret">
    : never
  : never;

/** A delivery in the list. Times are milliseconds since 1970. */
export interface DeliveryRow {
  /** `<id>/<copy>`. */
  key: string;
  id: string;
  copy: number;
  type: string;
  /** The recipient or domain that the event is about; empty if the body has neither. */
  about: string;
  endpointId: string;
  /** The command that reported it, and the URL it used; `null` for a delivery of this emulator. */
  report: { origin: Origin; url: string } | null;
  state: "pending" | "delivered" | "failed" | "cancelled";
  isInFlight: boolean;
  isFaulty: boolean;
  createdAt: number;
  /** The number of the last attempt; 0 before the first. */
  attempts: number;
  /** The status of the reply to the last attempt. */
  status: number | null;
  /** Why the last attempt got no reply: `timeout`, `ECONNREFUSED`, … */
  error: string | null;
  latencyMs: number | null;
  nextAttemptAt: number | null;
}

/** A delivery with all its attempts. The page fetches bodies separately. */
export interface DeliveryDetail extends Omit<DeliveryRow, "attempts"> {
  faults: readonly Fault[];
  /** The endpoint had acknowledged an earlier copy: a receiver that deduplicates has not run its handler again. */
  isDuplicate: boolean;
  attempts: AttemptView[];
}

/** One attempt. */
export interface AttemptView {
  number: number;
  startedAt: number;
  latencyMs: number;
  request: { method: string; url: string; headers: Record<string, string>; bytes: number };
  redirects: readonly { status: number; url: string }[];
  response: { status: number; headers: Record<string, string>; body: string } | null;
  error: { code: string; message: string } | null;
  override: EndpointOverride | null;
  nextAttemptAt: number | null;
}

/** The whole state of the page. */
export interface Snapshot {
  /** The time on the emulator's machine. */
  now: number;
  /** `null` skips the pauses between attempts. */
  speed: number | null;
  endpoints: EndpointView[];
  /** The names of the saved events. */
  savedEvents: string[];
  /** The newest deliveries, oldest first. */
  deliveries: DeliveryRow[];
}

/** The endpoints and deliveries that changed since the last message, as they are now. */
export interface Changes extends Snapshot {
  /** The ids of endpoints that were deleted. */
  deletedEndpoints: string[];
}

/** The result of replaying several deliveries. */
export interface ReplayResult {
  replayed: number;
  /** Why others were not, each reason once. */
  refusals: string[];
}

/** Why a request was refused. The message says what is wrong and what to do. */
export interface Problem {
  code: string;
  message: string;
}

/** The number of deliveries that the page keeps. */
export const KEPT_DELIVERIES = 2000;
