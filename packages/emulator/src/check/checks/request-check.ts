import type { Check } from "../check.js";
import { BASE_CHECK, type CheckRule } from "../check-rule.js";
import { fail, type Finding, pass, warn } from "../finding.js";
import { type Exchange, formatExchange, isAcknowledged, keepsBody } from "../probe/exchange.js";
import type { CheckRequest } from "../probe/check-request.js";

/** A check that is nothing but messages and one expectation. */
export interface RequestCheck extends Omit<CheckRule, "rule" | "expected"> {
  requests: (secret: string) => readonly CheckRequest[];
  /** AhaSend sends no such thing: what goes wrong is a warning. */
  isAdvice?: boolean;
}

/** Each message must get 2xx, one after the other. */
export function expectAcknowledged({ requests: messages, isAdvice = false, ...rule }: RequestCheck): Check {
  return {
    restsOn: BASE_CHECK,
    ...rule,
    rule: `acknowledges ${rule.sent}`,
    expected: "2xx",
    async run(probe): Promise<Finding> {
      let came = "";
      for (const message of messages(probe.secret)) {
        const exchange = await probe.send(message);
        came = formatExchange(exchange);
        if (!isAcknowledged(exchange)) return (isAdvice ? warn : fail)(withLabel(message, came));
      }
      return pass(came);
    },
  };
}

/** No message may get 2xx. */
export function expectRefused({ requests: messages, isAdvice = false, ...rule }: RequestCheck): Check {
  return {
    restsOn: BASE_CHECK,
    expects: "refusal",
    ...rule,
    rule: `refuses ${rule.sent}`,
    expected: "4xx",
    async run(probe): Promise<Finding> {
      let came = "";
      let unclear: Finding | undefined;
      for (const message of messages(probe.secret)) {
        const exchange = await probe.send(message);
        came = formatExchange(exchange);
        if (isAcknowledged(exchange)) return (isAdvice ? warn : fail)(withLabel(message, came));
        if (!isRefused(exchange)) unclear ??= warn(withLabel(message, came), UNCLEAR);
      }
      return unclear ?? pass(came);
    },
  };
}

const UNCLEAR =
  "It was refused, but not with 4xx: a stranger can make the receiver fail, hang or redirect. Check headers and signature first, and answer 400 or 401.";

function isRefused({ redirects, reply: answer }: Exchange): boolean {
  return redirects.every(keepsBody) && answer !== undefined && answer.status >= 400 && answer.status < 500;
}

function withLabel({ label: what }: CheckRequest, came: string): string {
  return what === undefined ? came : `${came} (${what})`;
}
