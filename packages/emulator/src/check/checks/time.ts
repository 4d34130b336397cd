import type { Check } from "../check.js";
import { contract } from "../contract-source.js";
import { secondsFromNow, signed } from "../probe/check-request.js";
import { acknowledges, refuses } from "./request-check.js";

const REQUEST = contract("“The request”: accepted within 300 s of now, both ways");
const TOLERANCE =
  "Refuse when webhook-timestamp is more than 300 s away from now, both ways: without it a recorded delivery can be sent again for ever.";
const DIGITS =
  "Take /^[1-9][0-9]{9,11}$/ for a timestamp and nothing else: Number() and parseInt() take much that is none, and a comparison with NaN is false both ways.";

/** What must become of a delivery, by when it was signed. */
export const timeChecks: readonly Check[] = [
  refuses({
    name: "time/an-hour-old",
    sent: "a delivery signed an hour ago",
    source: REQUEST,
    cure: TOLERANCE,
    messages: (secret) => [signed(secret, undefined, { timestamp: secondsFromNow(-3600) })],
  }),
  refuses({
    name: "time/an-hour-ahead",
    sent: "a delivery signed an hour from now",
    source: REQUEST,
    cure: TOLERANCE,
    messages: (secret) => [signed(secret, undefined, { timestamp: secondsFromNow(3600) })],
  }),
  refuses({
    name: "time/six-minutes-off",
    sent: "deliveries signed six minutes ago and six minutes from now",
    source: REQUEST,
    cure: TOLERANCE,
    isAdvice: true,
    messages: (secret) =>
      [-360, 360].map((offset) =>
        signed(secret, undefined, { timestamp: secondsFromNow(offset), what: `${offset} s` }),
      ),
  }),
  acknowledges({
    name: "time/four-minutes-off",
    sent: "deliveries signed four minutes ago and four minutes from now",
    source: REQUEST,
    cure: "Allow for clocks that are 300 s apart: a stricter tolerance refuses genuine deliveries when a clock drifts.",
    isAdvice: true,
    messages: (secret) =>
      [-240, 240].map((offset) =>
        signed(secret, undefined, { timestamp: secondsFromNow(offset), what: `${offset} s` }),
      ),
  }),
  refuses({
    name: "time/no-number",
    sent: "signed timestamps that are no numbers",
    source: REQUEST,
    cure: DIGITS,
    messages: (secret) =>
      ["NaN", "now", "Infinity", new Date().toISOString()].map((timestamp) =>
        signed(secret, undefined, { timestamp, what: timestamp }),
      ),
  }),
  refuses({
    name: "time/odd-number",
    sent: "signed timestamps in odd notations: +N, N.5, Ne0, 0N, hexadecimal",
    source: REQUEST,
    cure: DIGITS,
    isAdvice: true,
    messages: (secret) => {
      const now = secondsFromNow(0);
      const hexadecimal = `0x${Number(now).toString(16)}`;
      return [`+${now}`, `${now}.5`, `${now}e0`, `0${now}`, hexadecimal].map((timestamp) =>
        signed(secret, undefined, { timestamp, what: timestamp }),
      );
    },
  }),
];
