import type { Clock } from "../clock.js";
import type { EndpointList } from "../endpoints/endpoint-list.js";
import type { Transport } from "../transport/transport.js";
import type { DeliveryRecord } from "./delivery.js";

/** Options of a `DeliveryScheduler`. */
export interface SchedulerOptions {
  clock: Clock;
  random: () => number;
  transport: Transport;
  endpoints: EndpointList;
  attemptTimeoutMs: number;
  /** Attempts at the same time, per endpoint. */
  concurrency: number;
  /** Divides the pauses. */
  speed: number;
  /** Called after every change of a delivery. */
  onChange: (delivery: DeliveryRecord) => void;
}
