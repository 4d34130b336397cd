import type { Check } from "../check.js";
import { BASE_CHECK } from "../check-rule.js";
import { fail, pass, warn } from "../finding.js";
import { contractSource } from "../contract-source.js";
import { type Exchange, formatExchange, isAcknowledged } from "../probe/exchange.js";
import { timestampFromNow, signRequest } from "../probe/check-request.js";
import { expectAcknowledged } from "./request-check.js";

const DELIVERY = contractSource("“How it is delivered”");
const COPIES = 5;
const BURST = 20;
const COPY =
  "Answer 2xx to a copy of what is done: AhaSend repeats a delivery when an answer was lost, and counts what is refused as failed.";

/** What must become of deliveries that come again, or together. */
export const deliveryChecks: readonly Check[] = [
  expectAcknowledged({
    name: "delivery/again",
    sent: "a delivery again: the same id and body, a newer timestamp",
    source: `${DELIVERY}: at least once`,
    fix: COPY,
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
    name: "delivery/copies-at-once",
    rule: "takes copies of a delivery that come at the same time",
    sent: `${COPIES} copies of a delivery at the same time, and one more`,
    expected: "2xx for one of them and for the last; 2xx, 409 or 503 for the others",
    source: `${DELIVERY}: possibly the same id twice at the same time`,
    fix: `${COPY} While the first is still being handled, wait for it, or answer 409 or 503.`,
    restsOn: BASE_CHECK,
    async run(probe) {
      const copy = signRequest(probe.secret);
      const exchanges = await Promise.all(Array.from({ length: COPIES }, async () => probe.send(copy)));
      const last = await probe.send(copy);
      const came = [...new Set([...exchanges, last].map(formatExchange))].join(", ");
      if (!exchanges.some(isAcknowledged) || !isAcknowledged(last)) return fail(came);
      return exchanges.every((exchange) => isAcknowledged(exchange) || asksForRetry(exchange))
        ? pass(came)
        : warn(came);
    },
  },
  {
    name: "delivery/burst",
    rule: "takes deliveries that come at the same time",
    sent: `${BURST} genuine deliveries at the same time`,
    expected: "2xx for each",
    source: `${DELIVERY}: possibly several at the same time`,
    fix: "Let deliveries be handled side by side: look for a lock, a pool of too few connections, or a rate limit. If the work takes long, hand it to a queue and answer.",
    restsOn: BASE_CHECK,
    async run(probe) {
      const exchanges = await Promise.all(
        Array.from({ length: BURST }, async () => probe.send(signRequest(probe.secret))),
      );
      const wrong = exchanges.filter((exchange) => !isAcknowledged(exchange));
      if (wrong[0] === undefined) return pass(`${BURST} times 2xx`);
      return fail(`${wrong.length} of ${BURST} not acknowledged, the first: ${formatExchange(wrong[0])}`);
    },
  },
];

const asksForRetry = ({ reply: answer }: Exchange) => answer?.status === 409 || answer?.status === 503;
