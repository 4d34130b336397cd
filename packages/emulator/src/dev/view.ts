import type { Endpoint } from "../endpoints/endpoint.js";
import type { Fault } from "../faults/faults.js";
import type { EndpointOverride } from "../endpoints/endpoint-override.js";

/** An endpoint as the page sees it: without its secret, which is asked for when somebody wants to see it. */
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
  /** Whom the event is about: a recipient or a domain. Empty when the body does not tell. */
  about: string;
  endpointId: string;
  state: "pending" | "delivered" | "failed" | "cancelled";
  isInFlight: boolean;
  isFaulty: boolean;
  createdAt: number;
  /** The number of the last attempt; 0 before the first. */
  attempts: number;
  /** What the last attempt was answered. */
  status: number | null;
  /** Why the last attempt was not answered: `timeout`, `ECONNREFUSED`, … */
  error: string | null;
  latencyMs: number | null;
  nextAttemptAt: number | null;
}

/** A delivery with all its attempts. Bodies are fetched apart. */
export interface DeliveryDetail extends Omit<DeliveryRow, "attempts"> {
  faults: readonly Fault[];
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

/** All that the page shows, at one moment. */
export interface Snapshot {
  /** What the emulator's computer takes the time to be. */
  now: number;
  /** `null` leaves the pauses out. */
  speed: number | null;
  endpoints: EndpointView[];
  /** The newest, oldest first. */
  deliveries: DeliveryRow[];
}

/** What has changed since the last message: each endpoint and delivery as it is now. */
export interface Changes extends Snapshot {
  /** The ids of endpoints that are gone. */
  deletedEndpoints: string[];
}

/** Why a request was refused. The message ends with the cure. */
export interface Problem {
  code: string;
  message: string;
}

/** How many deliveries the page keeps. */
export const KEPT_DELIVERIES = 2000;
