import type { ReceivedReply } from "../../transport/received-reply.js";
import { describeError } from "../../transport/describe-error.js";
import { toPrintable } from "../../to-printable.js";
import type { Redirect } from "../../transport/redirect.js";

/** Of an answer's body. */
const SHOWN_CHARACTERS = 100;

/** A request that was sent, and what came of it. */
export interface Exchange {
  /** The redirects that were followed. */
  redirects: readonly Redirect[];
  answer?: ReceivedReply;
  /** Why there was no answer, in words. */
  error?: string;
  latencyMs: number;
}

/** Whether AhaSend counts the delivery as received, and the receiver has got it: some redirects drop the body. */
export function isAcknowledged({ redirects, answer }: Exchange): boolean {
  return answer !== undefined && isSuccess(answer.status) && redirects.every(keepsBody);
}

/** Whether a status says that a delivery was received. */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Whether a redirect repeats the request as it was: the others ask for a page. */
export const keepsBody = ({ status }: Redirect): boolean => status === 307 || status === 308;

/** What came, in words, fit for a terminal. */
export function inWords({ redirects, answer, error = "" }: Exchange): string {
  const way = redirects.map(({ status, url }) => `${status} to ${url}, then `).join("");
  return way + (answer === undefined ? `no answer: ${error}` : answerInWords(answer));
}

/** An answer's status and the beginning of its body. */
export function answerInWords({ status, body }: Pick<ReceivedReply, "status" | "body">): string {
  const shown = toPrintable(body, SHOWN_CHARACTERS);
  return shown === "" ? String(status) : `${status} ${shown}`;
}

/** What went wrong, in words. */
export function errorInWords(error: unknown): string {
  return toPrintable(describeError(error).message);
}
