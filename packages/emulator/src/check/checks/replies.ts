import { sign } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

import { BASE_CHECK } from "../check-rule.js";
import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { fail, pass, warn } from "../finding.js";
import { type CheckRequest, signRequest, withHeaders } from "../probe/check-request.js";
import { formatExchange, isAcknowledged, keepsBody } from "../probe/exchange.js";
import { expectRefused } from "./request-check.js";

const { attemptTimeoutSeconds } = contract;

/** A line of a source file, as the stack traces of most languages write it. */
const STACK_FRAME = /\.(?:[cm]?[jt]sx?|java|kt|go|rb|php|py|cs)(?:"?, line |:line |:)\d+|\bnode:[\w/]+:\d+/;

/** The replies of a receiver, to any request. */
export const replyChecks: readonly Check[] = [
  {
    name: "replies/no-redirect",
    rule: "replies without a redirect",
    sent: "a genuine delivery",
    expected: "no redirect",
    source: contractSource("How it is delivered", "an endpoint must not redirect"),
    fix: `Give AhaSend the final URL. A 301, 302 or 303 becomes a GET without the event, and a 307 or 308 takes time from the ${attemptTimeoutSeconds} s.`,
    restsOn: BASE_CHECK,
    async run(probe) {
      const exchange = await probe.send(signRequest(probe.secret));
      const observed = formatExchange(exchange);
      if (exchange.redirects.length === 0) return pass(observed);
      return (exchange.redirects.every(keepsBody) ? warn : fail)(observed);
    },
  },
  expectRefused({
    name: "replies/get",
    sent: "a GET",
    source: contractSource("How it is delivered", "a redirect can turn the POST into a GET without body"),
    fix: "Reply with 405 or 404 to everything but POST: otherwise a redirected delivery, which has lost its event, counts as received.",
    isAdvice: true,
    requests: (secret) => [{ ...signRequest(secret, ""), method: "GET" }],
  }),
  {
    name: "replies/opaque",
    rule: "reveals nothing to strangers",
    sent: "forged and unreadable deliveries",
    expected: "no stack trace, secret or valid signature in any reply",
    source: "anyone who can reach a receiver can read its replies",
    fix: "Reply with a status and at most a short code, and log the rest. Express: set NODE_ENV=production, or write an error handler. NestJS: leave err.stack out of exception filters.",
    restsOn: BASE_CHECK,
    async run(probe) {
      const validSignatures: string[] = [];
      for (const request of createProvocations(probe.secret)) {
        validSignatures.push(signValidly(probe.secret, request));
        await probe.send(request);
      }
      for (const { reply } of probe.exchanges) {
        const body = reply?.body ?? "";
        if (STACK_FRAME.test(body)) return fail(`a stack trace, with status ${reply?.status}`);
        if (body.includes(probe.secret)) return fail(`the secret, with status ${reply?.status}`);
        if (validSignatures.some((signature) => body.includes(signature)))
          return fail(`the signature that a forged delivery lacks, with status ${reply?.status}`);
      }
      return pass(`nothing of the kind in ${probe.exchanges.length} replies`);
    },
  },
  {
    name: "replies/in-time",
    rule: "replies in time",
    sent: "all of the above",
    expected: `each acknowledgement within half of the ${attemptTimeoutSeconds} s that an attempt may take`,
    source: contractSource("How it is delivered", `each attempt times out after ${attemptTimeoutSeconds} s`),
    fix: "Hand long work to a durable queue, and reply once the queue has it: the same work takes longer when the receiver is busy.",
    restsOn: BASE_CHECK,
    run({ exchanges, settings }) {
      const slowestMs = Math.max(0, ...exchanges.filter(isAcknowledged).map(({ latencyMs }) => latencyMs));
      const observed = `${(slowestMs / 1000).toFixed(1)} s at most`;
      const isSoon = slowestMs < (settings.attemptTimeoutSeconds * 1000) / 2;
      return Promise.resolve(isSoon ? pass(observed) : warn(observed));
    },
  },
];

/** Creates requests that make careless receivers throw. */
function createProvocations(secret: string): CheckRequest[] {
  const genuine = signRequest(secret);
  return [
    signRequest(secret, "{"),
    signRequest(secret, "null"),
    { ...genuine, body: "{" },
    { ...genuine, body: "" },
    withHeaders(genuine, { "webhook-signature": "v1," }),
    withHeaders(genuine, { "webhook-signature": "v1,A" }),
    withHeaders(genuine, { "webhook-timestamp": "9".repeat(400) }),
    withHeaders(genuine, { "webhook-signature": undefined }),
  ];
}

function signValidly(secret: string, { headers, body }: CheckRequest): string {
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "" } = headers;
  return sign({ secret, id, timestamp, body }).slice("v1,".length);
}
