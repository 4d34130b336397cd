import { type Check, FIRST_CHECK, failed, passed, warned } from "../check.js";
import { contract } from "../contract-source.js";
import { type Exchange, inWords, isAcknowledged } from "../probe/exchange.js";
import { secondsFromNow, signed } from "../probe/check-request.js";
import { acknowledges } from "./request-check.js";

const DELIVERY = contract("“How it is delivered”");
const COPIES = 5;
const BURST = 20;
const COPY =
  "Answer 2xx to a copy of what is done: AhaSend repeats a delivery when an answer was lost, and counts what is refused as failed.";

/** What must become of deliveries that come again, or together. */
export const deliveryChecks: readonly Check[] = [
  acknowledges({
    name: "delivery/again",
    sent: "a delivery again: the same id and body, a newer timestamp",
    source: `${DELIVERY}: at least once`,
    cure: COPY,
    messages: (secret) => {
      const { headers, body } = signed(secret, undefined, { timestamp: secondsFromNow(-1) });
      return [
        { headers, body, what: "the first" },
        signed(secret, body, {
          ...(headers["webhook-id"] !== undefined && { id: headers["webhook-id"] }),
          what: "the second",
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
    cure: `${COPY} While the first is still being handled, wait for it, or answer 409 or 503.`,
    restsOn: FIRST_CHECK,
    async run(probe) {
      const copy = signed(probe.secret);
      const exchanges = await Promise.all(Array.from({ length: COPIES }, async () => probe.send(copy)));
      const last = await probe.send(copy);
      const came = [...new Set([...exchanges, last].map(inWords))].join(", ");
      if (!exchanges.some(isAcknowledged) || !isAcknowledged(last)) return failed(came);
      return exchanges.every((exchange) => isAcknowledged(exchange) || asksForRetry(exchange))
        ? passed(came)
        : warned(came);
    },
  },
  {
    name: "delivery/burst",
    rule: "takes deliveries that come at the same time",
    sent: `${BURST} genuine deliveries at the same time`,
    expected: "2xx for each",
    source: `${DELIVERY}: possibly several at the same time`,
    cure: "Let deliveries be handled side by side: look for a lock, a pool of too few connections, or a rate limit. If the work takes long, hand it to a queue and answer.",
    restsOn: FIRST_CHECK,
    async run(probe) {
      const exchanges = await Promise.all(
        Array.from({ length: BURST }, async () => probe.send(signed(probe.secret))),
      );
      const wrong = exchanges.filter((exchange) => !isAcknowledged(exchange));
      if (wrong[0] === undefined) return passed(`${BURST} times 2xx`);
      return failed(`${wrong.length} of ${BURST} not acknowledged, the first: ${inWords(wrong[0])}`);
    },
  },
];

const asksForRetry = ({ answer }: Exchange) => answer?.status === 409 || answer?.status === 503;
