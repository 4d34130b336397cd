import type { OutgoingRequest } from "../../transport/outgoing-request.js";
import type { Exchange } from "./exchange.js";

/** A request of a check, and its outcome. */
export interface CheckedRequest extends Exchange {
  startedAt: Date;
  request: Pick<OutgoingRequest, "method" | "url" | "headers" | "body">;
}
