import { BASE_CHECK } from "../check-rule.js";
import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { fail, pass, warn } from "../finding.js";
import { signRequest, timestampFromNow } from "../probe/check-request.js";
import { type Exchange, formatExchange, isAcknowledged } from "../probe/exchange.js";
import { expectAcknowledged } from "./request-check.js";

const DUPLICATES = 5;
const BURST = 20;
const ACKNOWLEDGE_DUPLICATES =
  "Reply with 2xx to a duplicate of a handled delivery: AhaSend repeats a delivery when the reply was lost, and counts a refusal as a failure.";

/** Duplicates and concurrent deliveries. */
export const deliveryChecks: readonly Check[] = [
  expectAcknowledged({
    name: "delivery/duplicate",
    sent: "a delivery twice: the same id and body, with a newer timestamp",
    source: contractSource("How it is delivered", "at least once"),
    fix: ACKNOWLEDGE_DUPLICATES,
    requests: (secret) => {
      const { headers, body } = signRequest(secret, undefined, { timestamp: timestampFromNow(-1) });
      return [
        { headers, body, label: "the first" },
        signRequest(secret, body, {
          ...(headers["webhook-id"] !== undefined && { id: headers["webhook-id"] }),
          label: "the second",
        }),
      ];
    },
  }),
  {
    name: "delivery/concurrent-duplicates",
    rule: "accepts duplicates of a delivery that arrive at the same time",
    sent: `${DUPLICATES} duplicates of a delivery at the same time, and another one later`,
    expected: "2xx for one of them and for the last; 2xx, 409 or 503 for the others",
    source: contractSource("How it is delivered", "possibly the same id twice at the same time"),
    fix: `${ACKNOWLEDGE_DUPLICATES} While the first is being handled, wait for it, or reply with 409 or 503.`,
    restsOn: BASE_CHECK,
    async run(probe) {
      const request = signRequest(probe.secret);
      const exchanges = await Promise.all(
        Array.from({ length: DUPLICATES }, async () => probe.send(request)),
      );
      const last = await probe.send(request);
      const observed = [...new Set([...exchanges, last].map(formatExchange))].join(", ");
      if (!exchanges.some(isAcknowledged) || !isAcknowledged(last)) return fail(observed);
      return exchanges.every((exchange) => isAcknowledged(exchange) || asksForRetry(exchange))
        ? pass(observed)
        : warn(observed);
    },
  },
  {
    name: "delivery/burst",
    rule: "accepts deliveries that arrive at the same time",
    sent: `${BURST} genuine deliveries at the same time`,
    expected: "2xx for each",
    source: contractSource("How it is delivered", "possibly several at the same time"),
    fix: "Handle deliveries concurrently: look for a lock, a small connection pool, or a rate limit. If the work takes long, hand it to a queue and reply.",
    restsOn: BASE_CHECK,
    async run(probe) {
      const exchanges = await Promise.all(
        Array.from({ length: BURST }, async () => probe.send(signRequest(probe.secret))),
      );
      const failures = exchanges.filter((exchange) => !isAcknowledged(exchange));
      if (failures[0] === undefined) return pass(`2xx for all ${BURST}`);
      return fail(
        `${failures.length} of ${BURST} not acknowledged, the first with ${formatExchange(failures[0])}`,
      );
    },
  },
];

const asksForRetry = ({ reply }: Exchange) => reply?.status === 409 || reply?.status === 503;
