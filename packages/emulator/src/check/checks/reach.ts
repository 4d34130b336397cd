import { contract } from "@ahasend-webhooks/core/contract";

import { BASE_CHECK } from "../check-rule.js";
import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { fail, pass } from "../finding.js";
import { signRequest } from "../probe/check-request.js";
import { type Exchange, formatExchange, isAcknowledged } from "../probe/exchange.js";

const GENERAL =
  "Reply with 2xx to a signed delivery. The receiver's log, or a breakpoint in its handler, shows what it does instead.";

/** The check that all others rest on: is anything acknowledged at all? */
export const reachChecks: readonly Check[] = [
  {
    name: BASE_CHECK,
    rule: "acknowledges a genuine delivery",
    sent: "a genuine message.delivered",
    expected: "2xx",
    source: contractSource("How it is delivered"),
    fix: GENERAL,
    async run(probe) {
      const exchange = await probe.send(signRequest(probe.secret));
      const observed = formatExchange(exchange);
      return isAcknowledged(exchange) ? pass(observed) : fail(observed, suggestFix(exchange));
    },
  },
];

/** Returns the fix for the most likely reason why nothing is acknowledged. */
function suggestFix({ reply, redirects, error = "" }: Exchange): string {
  if (redirects.length > 0)
    return "Use the URL that the redirect leads to: check the host, https or http, and the trailing slash. AhaSend follows a 301, 302 or 303 with a GET that has no body. If it leads to a login page, exempt the path from the login.";
  if (reply === undefined) {
    return error.startsWith("none within")
      ? "If express.json() or another parser runs first, mount the receiver ahead of it: it has consumed the body, and the receiver waits for it forever. If the handler takes long, hand its work to a queue and reply."
      : "Start the receiver, and compare host, port and protocol with those it listens on: localhost may resolve to ::1 while the server listens on 127.0.0.1.";
  }
  const fixes: Record<number, string> = {
    400: RAW_OR_SECRET,
    401: RAW_OR_SECRET,
    403: `${RAW_OR_SECRET} Exempt the path from guards and CSRF protection: the signature authenticates the sender.`,
    404: "Compare the path with the one the receiver is mounted on, including a global prefix and the trailing slash. If it is right, reply with 2xx to events that have no handler.",
    405: "Mount the receiver for POST: AhaSend sends nothing else.",
    413: `Raise the body limit to ${contract.maxBodyBytes / 1e6} MB: the default is often 1 MB or less (Express 100 KB, Fastify 1 MB).`,
    415: "Accept application/json. On Fastify, add a content type parser that passes on the raw bytes.",
    429: "Exempt the path from rate limiting: deliveries come in bursts, and a refusal counts as a failure.",
  };
  return fixes[reply.status] ?? GENERAL;
}

const RAW_OR_SECRET =
  'Compare the secret with the one the receiver is configured with: it must be complete, prefix included. If they match, verify the raw bytes instead of the parsed body, with the secret string as the key (standardwebhooks decodes it unless you pass { format: "raw" }).';
