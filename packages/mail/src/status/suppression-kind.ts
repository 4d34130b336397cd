import type { AhaSendEvent, SuppressionCreatedEvent, UnknownEvent } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { kindByClassification } from "./bounce-kind.js";
import { knownClassifications } from "./classification.js";

/**
 * Why an address was put on the suppression list.
 *
 * - `complaint`: the recipient reported a message as spam. Do not write again.
 * - `bounce`: the address does not work, or its server refuses your mail.
 * - `expired`: AhaSend gave up after temporary failures. The address may work when the suppression ends.
 * - `manual`: added by hand.
 * - `unknown`: AhaSend gives a reason that is not known, or none.
 */
export type SuppressionKind = "complaint" | "bounce" | "expired" | "manual" | "unknown";

/** Reasons are an open set, and AhaSend has renamed some: words, not whole strings. The first that matches counts. */
const kindByWords: readonly (readonly [pattern: RegExp, kind: SuppressionKind])[] = [
  // "FBL Complaint Report"; "FBL Abuse Report" before August 2026.
  [/\bFBL\b|\b(?:complaint|complained|abuse)\b/i, "complaint"],
  // Soft bounces, too: AhaSend suppresses after temporary failures for 7 days, after hard bounces for 30.
  [/\bexpired?\b|\bexhausted\b|\b(?:transient|temporary|soft)\b/i, "expired"],
  // "Too many hard bounces".
  [/\bbounce[ds]?\b|\bbouncing\b/i, "bounce"],
  [/\bmanual(?:ly)?\b|\bby hand\b/i, "manual"],
];

const EXPIRED_DAYS = 15;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * Returns why an address was put on the suppression list. For a reason that is not known, a suppression of 15 days is that of an
 * expired message; addresses that were added by hand or API with a reason of their own are `unknown`.
 *
 * Source: the contract, "`data` of `suppression.created`". Throws nothing.
 *
 * @example
 * "suppression.created": (event) => log(event.data.recipient, suppressionKind(event)),
 */
export function suppressionKind(event: SuppressionCreatedEvent): SuppressionKind {
  const { created_at, expires_at } = event.data;
  const reason = readString(event.data.reason);
  const known = kindByWords.find(([pattern]) => pattern.test(reason))?.[1] ?? readClassification(reason);
  if (known !== undefined) return known;
  const days = (Date.parse(readString(expires_at)) - Date.parse(readString(created_at))) / DAY_MS;
  // The two times are milliseconds apart from whole days.
  return Math.abs(days - EXPIRED_DAYS) * DAY_MS < HOUR_MS ? "expired" : "unknown";
}

/** Reads a reason that is a classification in words, such as `Invalid Recipient` and `No Answer From Host`. */
function readClassification(reason: string): SuppressionKind | undefined {
  const word = reason.replace(/\s+/g, "").toLowerCase();
  const classification = knownClassifications.find((known) => known.toLowerCase() === word);
  if (classification === undefined) return undefined;
  return kindByClassification[classification] === "soft" ? "expired" : "bounce";
}

/**
 * Returns whether a recipient has reported a message as spam. AhaSend has no event of its own for it: it is a
 * `suppression.created` with reason `FBL Complaint Report`, before August 2026 `FBL Abuse Report`.
 *
 * Source: the contract, "`data` of the message events". Throws nothing.
 *
 * @example
 * "suppression.created": (event) => { if (isComplaint(event)) unsubscribe(event.data.recipient); }
 */
export function isComplaint(event: AhaSendEvent | UnknownEvent): boolean {
  return (
    event.type === "suppression.created" && suppressionKind(event as SuppressionCreatedEvent) === "complaint"
  );
}
