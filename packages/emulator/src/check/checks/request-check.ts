import { type Check, type CheckRule, FIRST_CHECK, type Finding, failed, passed, warned } from "../check.js";
import { type Exchange, inWords, isAcknowledged, keepsBody } from "../probe/exchange.js";
import type { Message } from "../probe/check-request.js";

/** A check that is nothing but messages and one expectation. */
export interface Row extends Omit<CheckRule, "rule" | "expected"> {
  messages: (secret: string) => readonly Message[];
  /** AhaSend sends no such thing: what goes wrong is a warning. */
  isAdvice?: boolean;
}

/** Each message must get 2xx, one after the other. */
export function acknowledges({ messages, isAdvice = false, ...rule }: Row): Check {
  return {
    restsOn: FIRST_CHECK,
    ...rule,
    rule: `acknowledges ${rule.sent}`,
    expected: "2xx",
    async run(probe): Promise<Finding> {
      let came = "";
      for (const message of messages(probe.secret)) {
        const exchange = await probe.send(message);
        came = inWords(exchange);
        if (!isAcknowledged(exchange)) return (isAdvice ? warned : failed)(named(message, came));
      }
      return passed(came);
    },
  };
}

/** No message may get 2xx. */
export function refuses({ messages, isAdvice = false, ...rule }: Row): Check {
  return {
    restsOn: FIRST_CHECK,
    must: "refuse",
    ...rule,
    rule: `refuses ${rule.sent}`,
    expected: "4xx",
    async run(probe): Promise<Finding> {
      let came = "";
      let unclear: Finding | undefined;
      for (const message of messages(probe.secret)) {
        const exchange = await probe.send(message);
        came = inWords(exchange);
        if (isAcknowledged(exchange)) return (isAdvice ? warned : failed)(named(message, came));
        if (!isRefused(exchange)) unclear ??= warned(named(message, came), UNCLEAR);
      }
      return unclear ?? passed(came);
    },
  };
}

const UNCLEAR =
  "It was refused, but not with 4xx: a stranger can make the receiver fail, hang or redirect. Check headers and signature first, and answer 400 or 401.";

function isRefused({ redirects, answer }: Exchange): boolean {
  return redirects.every(keepsBody) && answer !== undefined && answer.status >= 400 && answer.status < 500;
}

function named({ what }: Message, came: string): string {
  return what === undefined ? came : `${came} (${what})`;
}
