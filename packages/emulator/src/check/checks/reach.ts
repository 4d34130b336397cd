import { type Check, FIRST_CHECK, failed, passed } from "../check.js";
import { contract } from "../contract-source.js";
import { type Exchange, inWords, isAcknowledged } from "../probe/exchange.js";
import { signed } from "../probe/check-request.js";

const GENERAL =
  "Answer 2xx to a signed delivery: the receiver's log, or a breakpoint in the route, says what it does instead.";

/** The check that all others rest on: whether anything is acknowledged at all. */
export const reachChecks: readonly Check[] = [
  {
    name: FIRST_CHECK,
    rule: "acknowledges a genuine delivery",
    sent: "a genuine message.delivered",
    expected: "2xx",
    source: contract("“How it is delivered”"),
    cure: GENERAL,
    async run(probe) {
      const exchange = await probe.send(signed(probe.secret));
      const came = inWords(exchange);
      return isAcknowledged(exchange) ? passed(came) : failed(came, cureOf(exchange));
    },
  },
];

/** What most likely lies behind it when nothing is acknowledged. */
function cureOf({ answer, redirects, error = "" }: Exchange): string {
  if (redirects.length > 0)
    return "Check the URL that answers itself: the right host, https or http, with or without the slash at the end. AhaSend follows a 301, 302 or 303 with a GET that has no body. Leave the route out of a log-in.";
  if (answer === undefined) {
    return error.startsWith("none within")
      ? "The route waits for what never comes. If express.json() or another parser ran first, it has eaten the body: mount the route ahead of it. If the work takes long, hand it to a queue and answer."
      : "Start the receiver, and compare host, port and protocol with what it says it listens on: localhost may be ::1 where the server listens on 127.0.0.1.";
  }
  const cures: Record<number, string> = {
    400: RAW_OR_SECRET,
    401: RAW_OR_SECRET,
    403: `${RAW_OR_SECRET} Leave the route out of guards and of CSRF protection: the signature is its log-in.`,
    404: "Compare the path with the route, global prefix and slash at the end included. If it is right, answer 2xx to events that you have no handler for.",
    405: "Mount the receiver on a POST route: AhaSend sends nothing else.",
    413: "Raise the body limit of the route to 30 MB: 1 MB or less is usual (Express 100 KB, Fastify 1 MB).",
    415: "Let the route take application/json: on Fastify with a content type parser that hands on the raw bytes.",
    429: "Leave the route out of rate limiting: deliveries come in bursts, and what is refused counts as failed.",
  };
  return cures[answer.status] ?? GENERAL;
}

const RAW_OR_SECRET =
  'Compare the secret with the one the receiver was given, whole and with its prefix. If they are the same, verify the raw bytes instead of the parsed body, with the text of the secret as the key (standardwebhooks decodes it unless told { format: "raw" }).';
