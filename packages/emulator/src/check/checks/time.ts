import { contract } from "@ahasend-webhooks/core/contract";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { signRequest, timestampFromNow } from "../probe/check-request.js";
import { expectAcknowledged, expectRefused } from "./request-check.js";

const { toleranceSeconds } = contract;
const HOUR_SECONDS = 3600;
const REQUEST = contractSource("The request", `accepted within ${toleranceSeconds} s of now, both ways`);
const TOLERANCE = `Refuse a delivery if webhook-timestamp is more than ${toleranceSeconds} s from now, in either direction: otherwise a recorded delivery can be replayed forever.`;
const DIGITS =
  "Accept only timestamps that match /^[1-9][0-9]{9,11}$/: Number() and parseInt() accept much else, and every comparison with NaN is false.";

const signBothWays = (secret: string, offsetSeconds: number) =>
  [-offsetSeconds, offsetSeconds].map((offset) =>
    signRequest(secret, undefined, { timestamp: timestampFromNow(offset), label: `${offset} s` }),
  );

/** Timestamps that must be refused or acknowledged. */
export const timeChecks: readonly Check[] = [
  expectRefused({
    name: "time/an-hour-old",
    sent: "a delivery that was signed an hour ago",
    source: REQUEST,
    fix: TOLERANCE,
    requests: (secret) => [signRequest(secret, undefined, { timestamp: timestampFromNow(-HOUR_SECONDS) })],
  }),
  expectRefused({
    name: "time/an-hour-ahead",
    sent: "a delivery whose timestamp is an hour ahead",
    source: REQUEST,
    fix: TOLERANCE,
    requests: (secret) => [signRequest(secret, undefined, { timestamp: timestampFromNow(HOUR_SECONDS) })],
  }),
  expectRefused({
    name: "time/outside-tolerance",
    sent: `deliveries whose timestamps are ${toleranceSeconds + 60} s in the past and in the future`,
    source: REQUEST,
    fix: TOLERANCE,
    isAdvice: true,
    requests: (secret) => signBothWays(secret, toleranceSeconds + 60),
  }),
  expectAcknowledged({
    name: "time/within-tolerance",
    sent: `deliveries whose timestamps are ${toleranceSeconds - 60} s in the past and in the future`,
    source: REQUEST,
    fix: `Allow for clocks that are ${toleranceSeconds} s apart: a stricter tolerance refuses genuine deliveries when a clock drifts.`,
    isAdvice: true,
    requests: (secret) => signBothWays(secret, toleranceSeconds - 60),
  }),
  expectRefused({
    name: "time/not-a-number",
    sent: "signed timestamps that are not numbers",
    source: REQUEST,
    fix: DIGITS,
    requests: (secret) =>
      ["NaN", "now", "Infinity", new Date().toISOString()].map((timestamp) =>
        signRequest(secret, undefined, { timestamp, label: timestamp }),
      ),
  }),
  expectRefused({
    name: "time/odd-notation",
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
