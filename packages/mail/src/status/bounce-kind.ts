import {
  type AhaSendEvent,
  type DeliveryAttempt,
  type UnknownEvent,
  isMessageEvent,
} from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { type KnownClassification, isKnownClassification } from "./classification.js";

/**
 * Why a message was not taken.
 *
 * - `hard`: the address does not work. Do not write to it again.
 * - `soft`: full, unreachable or busy. Another mail may get through.
 * - `block`: the address works, but the recipient's server refused this sender or this content.
 * - `unknown`: AhaSend does not say, as in bounce reports that come hours later.
 */
export type BounceKind = "hard" | "soft" | "block" | "unknown";

/** The kind of each classification; `undefined` where the codes say more. */
export const kindByClassification: Record<KnownClassification, BounceKind | undefined> = {
  InvalidRecipient: "hard",
  BadDomain: "hard",
  InactiveMailbox: "hard",
  InvalidSender: "block",
  AuthenticationFailed: "block",
  PolicyRelated: "block",
  QuotaIssues: "soft",
  NoAnswerFromHost: "soft",
  BadConnection: "soft",
  DNSFailure: "soft",
  RoutingErrors: "soft",
  TransientFailure: "soft",
  MessageExpired: "soft",
  ProtocolErrors: undefined,
  Uncategorized: undefined,
};

/** Subject and detail of an enhanced status code, the more specific first (RFC 3463, RFC 7505 for 1.10). */
const kindByDetail: readonly (readonly [pattern: RegExp, kind: BounceKind])[] = [
  // The sender's address, the sender's domain.
  [/^1\.[78]$/, "block"],
  [/^1\.\d+$/, "hard"],
  // Disabled, not accepting messages.
  [/^2\.1$/, "hard"],
  [/^2\.[234]$/, "soft"],
  [/^[34]\.\d+$/, "soft"],
  // Content, security and policy.
  [/^[67]\.\d+$/, "block"],
];

/**
 * Returns why a message bounced or was deferred, from the classification, the enhanced status code and the SMTP code, in this
 * order. Never from `response`, which is free text with addresses in it.
 *
 * Without a `delivery_attempt`, or with `smtp_code: 0` and nothing else, the kind is `unknown`; so it is for events of other
 * types. Sources: the contract, "`data` of the message events"; RFC 3463 and RFC 5321, section 4.2. Throws nothing.
 *
 * @example
 * "message.bounced": (event) => bounces.increment(bounceKind(event)),
 */
export function bounceKind(event: AhaSendEvent | UnknownEvent): BounceKind {
  if (!isMessageEvent(event)) return "unknown";
  // The codes of a delivered message say that it was taken.
  if (event.type !== "message.bounced" && event.type !== "message.transient_error") return "unknown";
  const attempt: Partial<DeliveryAttempt> | null | undefined = event.data.delivery_attempt;
  if (typeof attempt !== "object" || attempt === null) return "unknown";
  return (
    readClassification(attempt.classification) ??
    readEnhancedCode(readString(attempt.enhanced_status_code)) ??
    readSmtpCode(attempt.smtp_code, readString(attempt.command)) ??
    "unknown"
  );
}

function readClassification(classification: unknown): BounceKind | undefined {
  return isKnownClassification(classification) ? kindByClassification[classification] : undefined;
}

function readEnhancedCode(code: string): BounceKind | undefined {
  const [, level, detail = ""] = /^([45])\.(\d{1,3}\.\d{1,3})$/.exec(code) ?? [];
  const kind = kindByDetail.find(([pattern]) => pattern.test(detail))?.[1];
  // 4 is "persistent transient": an unknown user with 4.1.1 may be known tomorrow.
  if (level === "4") return kind === "block" ? "block" : "soft";
  return kind;
}

/** Codes that refuse a recipient at `RCPT TO`, and something else at any other command. */
const RECIPIENT_CODES: ReadonlySet<unknown> = new Set([550, 551, 553]);

function readSmtpCode(code: unknown, command: string): BounceKind | undefined {
  if (typeof code !== "number" || code < 400 || code > 599) return undefined;
  if (code < 500 || code === 552) return "soft";
  // The domain takes no mail (RFC 7504).
  if (code === 521 || code === 556) return "hard";
  if (RECIPIENT_CODES.has(code)) return command === "" || /^RCPT\b/i.test(command) ? "hard" : "block";
  return code === 554 ? "block" : undefined;
}
