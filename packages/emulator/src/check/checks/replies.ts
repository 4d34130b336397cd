import { sign } from "@ahasend-webhooks/core";

import { type Check, FIRST_CHECK, failed, passed, warned } from "../check.js";
import { contract } from "../contract-source.js";
import { inWords, isAcknowledged, keepsBody } from "../probe/exchange.js";
import { type Message, signed, withHeaders } from "../probe/check-request.js";
import { refuses } from "./request-check.js";

const DELIVERY = contract("“How it is delivered”");

/** A line of a source file, as stack traces name it in most languages. */
const STACK_FRAME = /\.(?:[cm]?[jt]sx?|java|kt|go|rb|php|py|cs)(?:"?, line |:line |:)\d+|\bnode:[\w/]+:\d+/;

/** How a receiver answers, whatever it was sent. */
export const answerChecks: readonly Check[] = [
  {
    name: "answers/no-redirect",
    rule: "answers where the delivery arrives",
    sent: "a genuine delivery",
    expected: "no redirect",
    source: `${DELIVERY}: an endpoint must not redirect`,
    cure: "Give AhaSend the URL that answers itself. A 301, 302 or 303 becomes a GET without the event, and a 307 or 308 takes time from the 5 s.",
    restsOn: FIRST_CHECK,
    async run(probe) {
      const exchange = await probe.send(signed(probe.secret));
      const came = inWords(exchange);
      if (exchange.redirects.length === 0) return passed(came);
      return (exchange.redirects.every(keepsBody) ? warned : failed)(came);
    },
  },
  refuses({
    name: "answers/get",
    sent: "a GET",
    source: `${DELIVERY}: a redirect can turn the POST into a GET without body`,
    cure: "Answer 405 or 404 to everything but POST: or a redirected delivery, whose event is gone, counts as received.",
    isAdvice: true,
    messages: (secret) => [{ ...signed(secret, ""), method: "GET" }],
  }),
  {
    name: "answers/opaque",
    rule: "tells a stranger nothing",
    sent: "forged and unreadable deliveries",
    expected: "no stack trace, secret or right signature in any answer",
    source: "what a receiver tells, it tells whoever can reach it",
    cure: "Answer with a status and at most a short code, and keep the rest for your log. Express: NODE_ENV=production, or an error handler of your own. NestJS: no err.stack in an exception filter.",
    restsOn: FIRST_CHECK,
    async run(probe) {
      const right: string[] = [];
      for (const message of provocations(probe.secret)) {
        right.push(rightSignature(probe.secret, message));
        await probe.send(message);
      }
      for (const { answer } of probe.exchanges) {
        const body = answer?.body ?? "";
        if (STACK_FRAME.test(body)) return failed(`a stack trace, with the status ${answer?.status}`);
        if (body.includes(probe.secret)) return failed(`the secret, with the status ${answer?.status}`);
        if (right.some((signature) => body.includes(signature)))
          return failed(
            `the signature that a forged delivery should have, with the status ${answer?.status}`,
          );
      }
      return passed(`nothing of the kind in ${probe.exchanges.length} answers`);
    },
  },
  {
    name: "answers/in-time",
    rule: "answers in time",
    sent: "all of the above",
    expected: "each acknowledgement within half of the 5 s that an attempt may take",
    source: `${DELIVERY}: each attempt times out after 5 s`,
    cure: "Hand long work to a durable queue, and answer as soon as it has it: at the receiver's busiest hour the same work takes longer.",
    restsOn: FIRST_CHECK,
    run({ exchanges, settings }) {
      const slowestMs = Math.max(0, ...exchanges.filter(isAcknowledged).map(({ latencyMs }) => latencyMs));
      const came = `${(slowestMs / 1000).toFixed(1)} s at most`;
      const isSoon = slowestMs < (settings.attemptTimeoutSeconds * 1000) / 2;
      return Promise.resolve(isSoon ? passed(came) : warned(came));
    },
  },
];

/** Messages that make careless receivers throw. */
function provocations(secret: string): Message[] {
  const genuine = signed(secret);
  return [
    signed(secret, "{"),
    signed(secret, "null"),
    { ...genuine, body: "{" },
    { ...genuine, body: "" },
    withHeaders(genuine, { "webhook-signature": "v1," }),
    withHeaders(genuine, { "webhook-signature": "v1,A" }),
    withHeaders(genuine, { "webhook-timestamp": "9".repeat(400) }),
    withHeaders(genuine, { "webhook-signature": undefined }),
  ];
}

function rightSignature(secret: string, { headers, body }: Message): string {
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "" } = headers;
  return sign({ secret, id, timestamp, body }).slice("v1,".length);
}
