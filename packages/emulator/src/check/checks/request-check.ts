import { BASE_CHECK, type CheckRule } from "../check-rule.js";
import type { Check } from "../check.js";
import { type Finding, fail, pass, warn } from "../finding.js";
import type { CheckRequest } from "../probe/check-request.js";
import { type Exchange, formatExchange, isAcknowledged, keepsBody } from "../probe/exchange.js";

/** A check that consists of requests, and one expectation for all of them. */
export interface RequestCheck extends Omit<CheckRule, "rule" | "expected"> {
  requests: (secret: string) => readonly CheckRequest[];
  /** AhaSend does not send such requests: a failure is a warning. */
  isAdvice?: boolean;
}

/** Creates a check whose requests must all get 2xx, one after the other. */
export function expectAcknowledged({ requests, isAdvice = false, ...rule }: RequestCheck): Check {
  return {
    restsOn: BASE_CHECK,
    ...rule,
    rule: `acknowledges ${rule.sent}`,
    expected: "2xx",
    async run(probe): Promise<Finding> {
      let observed = "";
      for (const request of requests(probe.secret)) {
        const exchange = await probe.send(request);
        observed = formatExchange(exchange);
        if (!isAcknowledged(exchange)) return (isAdvice ? warn : fail)(withLabel(request, observed));
      }
      return pass(observed);
    },
  };
}

/** Creates a check whose requests must all be refused. */
export function expectRefused({ requests, isAdvice = false, ...rule }: RequestCheck): Check {
  return {
    restsOn: BASE_CHECK,
    expects: "refusal",
    ...rule,
    rule: `refuses ${rule.sent}`,
    expected: "4xx",
    async run(probe): Promise<Finding> {
      let observed = "";
      let warning: Finding | undefined;
      for (const request of requests(probe.secret)) {
        const exchange = await probe.send(request);
        observed = formatExchange(exchange);
        if (isAcknowledged(exchange)) return (isAdvice ? warn : fail)(withLabel(request, observed));
        if (!isRefused(exchange)) warning ??= warn(withLabel(request, observed), REPLY_WITH_4XX);
      }
      return warning ?? pass(observed);
    },
  };
}

const REPLY_WITH_4XX =
  "Reply with 400 or 401. The request was refused, but not with 4xx, so anyone can make the receiver fail, hang or redirect: check headers and signature first.";

function isRefused({ redirects, reply }: Exchange): boolean {
  return redirects.every(keepsBody) && reply !== undefined && reply.status >= 400 && reply.status < 500;
}

function withLabel({ label }: CheckRequest, observed: string): string {
  return label === undefined ? observed : `${observed} (${label})`;
}
