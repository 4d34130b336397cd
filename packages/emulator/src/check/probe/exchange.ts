import { toPrintable } from "../../to-printable.js";
import { describeError } from "../../transport/describe-error.js";
import type { ReceivedReply } from "../../transport/received-reply.js";
import type { Redirect } from "../../transport/redirect.js";

/** Characters of a reply's body that are shown. */
const SHOWN_CHARACTERS = 100;

/** A request that was sent, and its outcome. */
export interface Exchange {
  /** The redirects that were followed. */
  redirects: readonly Redirect[];
  reply?: ReceivedReply;
  /** Why no reply came, in words. */
  error?: string;
  latencyMs: number;
}

/** Returns whether AhaSend counts the delivery as received, and the receiver got it: some redirects drop the body. */
export function isAcknowledged({ redirects, reply }: Exchange): boolean {
  return reply !== undefined && isSuccess(reply.status) && redirects.every(keepsBody);
}

/** Returns whether a status acknowledges a delivery. */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Returns whether a redirect repeats the request unchanged; the others become a GET. */
export const keepsBody = ({ status }: Redirect): boolean => status === 307 || status === 308;

/** Describes the outcome of a request in words that are safe to print. */
export function formatExchange({ redirects, reply, error = "" }: Exchange): string {
  const path = redirects.map(({ status, url }) => `${status} to ${url}, then `).join("");
  return path + (reply === undefined ? `no reply: ${error}` : formatReply(reply));
}

/** Describes a reply: its status and the beginning of its body. */
function formatReply({ status, body }: Pick<ReceivedReply, "status" | "body">): string {
  const shown = toPrintable(body, SHOWN_CHARACTERS);
  return shown === "" ? String(status) : `${status} ${shown}`;
}

/** Describes an error in words that are safe to print. */
export function formatError(error: unknown): string {
  return toPrintable(describeError(error).message);
}
