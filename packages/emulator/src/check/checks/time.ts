import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { timestampFromNow, signRequest } from "../probe/check-request.js";
import { expectAcknowledged, expectRefused } from "./request-check.js";

const REQUEST = contractSource("“The request”: accepted within 300 s of now, both ways");
const TOLERANCE =
  "Refuse when webhook-timestamp is more than 300 s away from now, both ways: without it a recorded delivery can be sent again for ever.";
const DIGITS =
  "Take /^[1-9][0-9]{9,11}$/ for a timestamp and nothing else: Number() and parseInt() take much that is none, and a comparison with NaN is false both ways.";

/** What must become of a delivery, by when it was signed. */
export const timeChecks: readonly Check[] = [
  expectRefused({
    name: "time/an-hour-old",
    sent: "a delivery signed an hour ago",
    source: REQUEST,
    fix: TOLERANCE,
    requests: (secret) => [signRequest(secret, undefined, { timestamp: timestampFromNow(-3600) })],
  }),
  expectRefused({
    name: "time/an-hour-ahead",
    sent: "a delivery signed an hour from now",
    source: REQUEST,
    fix: TOLERANCE,
    requests: (secret) => [signRequest(secret, undefined, { timestamp: timestampFromNow(3600) })],
  }),
  expectRefused({
    name: "time/six-minutes-off",
    sent: "deliveries signed six minutes ago and six minutes from now",
    source: REQUEST,
    fix: TOLERANCE,
    isAdvice: true,
    requests: (secret) =>
      [-360, 360].map((offset) =>
        signRequest(secret, undefined, { timestamp: timestampFromNow(offset), label: `${offset} s` }),
      ),
  }),
  expectAcknowledged({
    name: "time/four-minutes-off",
    sent: "deliveries signed four minutes ago and four minutes from now",
    source: REQUEST,
    fix: "Allow for clocks that are 300 s apart: a stricter tolerance refuses genuine deliveries when a clock drifts.",
    isAdvice: true,
    requests: (secret) =>
      [-240, 240].map((offset) =>
        signRequest(secret, undefined, { timestamp: timestampFromNow(offset), label: `${offset} s` }),
      ),
  }),
  expectRefused({
    name: "time/no-number",
    sent: "signed timestamps that are no numbers",
    source: REQUEST,
    fix: DIGITS,
    requests: (secret) =>
      ["NaN", "now", "Infinity", new Date().toISOString()].map((timestamp) =>
        signRequest(secret, undefined, { timestamp, label: timestamp }),
      ),
  }),
  expectRefused({
    name: "time/odd-number",
    sent: "signed timestamps in odd notations: +N, N.5, Ne0, 0N, hexadecimal",
    source: REQUEST,
    fix: DIGITS,
    isAdvice: true,
    requests: (secret) => {
      const now = timestampFromNow(0);
      const hexadecimal = `0x${Number(now).toString(16)}`;
      return [`+${now}`, `${now}.5`, `${now}e0`, `0${now}`, hexadecimal].map((timestamp) =>
        signRequest(secret, undefined, { timestamp, label: timestamp }),
      );
    },
  }),
];
