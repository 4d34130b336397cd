import type { ReceivedReply } from "./received-reply.js";
import { EmulatorError } from "../errors.js";
import type { OutgoingRequest } from "./outgoing-request.js";

/** A redirect that was followed. */
export interface Redirect {
  status: number;
  /** Where it led. */
  url: string;
}

/** The request that a redirect asks for: 307 and 308 repeat it, the others ask for the page without the body. */
export function resolveRedirect(
  request: OutgoingRequest,
  { status, headers }: ReceivedReply,
): OutgoingRequest | undefined {
  const repeats = status === 307 || status === 308;
  if (!repeats && status !== 301 && status !== 302 && status !== 303) return undefined;
  const location = headers["location"];
  if (location === undefined) return undefined;
  const url = URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new EmulatorError(
      "redirect_failed",
      `The redirect to ${JSON.stringify(location)} leads nowhere: answer where the event arrives.`,
    );
  }
  if (repeats) return { ...request, url: url.href };
  const kept = Object.entries(request.headers).filter(([name]) => !name.startsWith("content-"));
  return { method: "GET", url: url.href, headers: Object.fromEntries(kept), body: "", uploadSeconds: 0 };
}
