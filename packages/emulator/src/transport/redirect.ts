import { EmulatorError } from "../errors.js";
import type { OutgoingRequest } from "./outgoing-request.js";
import type { ReceivedReply } from "./received-reply.js";

/** A redirect that was followed. */
export interface Redirect {
  status: number;
  /** The target of the redirect. */
  url: string;
}

/**
 * Returns the request that a redirect asks for: 307 and 308 repeat the request, the others get the page without a body.
 *
 * @returns undefined if the reply is not a redirect
 * @throws {EmulatorError} `redirect_failed`
 */
export function resolveRedirect(
  request: OutgoingRequest,
  { status, headers }: ReceivedReply,
): OutgoingRequest | undefined {
  const isRepeated = status === 307 || status === 308;
  if (!isRepeated && status !== 301 && status !== 302 && status !== 303) return undefined;
  const location = headers["location"];
  if (location === undefined) return undefined;
  const url = URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new EmulatorError(
      "redirect_failed",
      `The redirect to ${JSON.stringify(location)} is not a URL of http or https: reply at the URL that receives the event.`,
    );
  }
  if (isRepeated) return { ...request, url: url.href };
  const kept = Object.entries(request.headers).filter(([name]) => !name.startsWith("content-"));
  return { method: "GET", url: url.href, headers: Object.fromEntries(kept), body: "", uploadSeconds: 0 };
}
