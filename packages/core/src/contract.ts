/**
 * The numbers of AhaSend's contract, and those that follow from them.
 * Source: AhaSend's documentation, gathered in `contract/README.md` of this repository.
 *
 * @example
 * console.log(`AhaSend gives up an attempt after ${contract.attemptTimeoutSeconds} s.`);
 */
export const contract = {
  /** An attempt without a reply counts as failed after this many seconds. */
  attemptTimeoutSeconds: 5,
  /** Attempts in all, the first included. A webhook's span 16 minutes, an inbound route's 11 hours. */
  maxAttempts: { webhook: 6, route: 12 },
  /** The pause before a retry varies by ± this fraction. */
  retryJitter: 0.1,
  /** Failed attempts in a row, retries counted; one more disables the endpoint. */
  maxFailuresInARow: 100,
  /** The largest body to accept, in bytes: an inbound e-mail with its attachments. */
  maxBodyBytes: 30_000_000,
  /** The most seconds that `webhook-timestamp` may be from now, in the past or the future. */
  toleranceSeconds: 300,
  /** The least time a receipt must be kept, in seconds: 13 hours, longer than an inbound route's attempts take. */
  minRetentionSeconds: 46_800,
} as const;

/**
 * The classifications of failed attempts that AhaSend documents; reasons of suppressions are some of them, in words. An open
 * set: expect others.
 */
export const classifications = [
  "InvalidRecipient",
  "BadDomain",
  "InactiveMailbox",
  "InvalidSender",
  "QuotaIssues",
  "NoAnswerFromHost",
  "BadConnection",
  "DNSFailure",
  "RoutingErrors",
  "TransientFailure",
  "MessageExpired",
  "ProtocolErrors",
  "AuthenticationFailed",
  "PolicyRelated",
  "Uncategorized",
] as const;

/**
 * Returns the pause before the next attempt in seconds: the fourth power of the failures so far, ± 10 %.
 *
 * @param random from 0 to 1, such as `Math.random`
 *
 * @example
 * retryDelaySeconds(3, () => 0.5); // 81
 */
export function retryDelaySeconds(failures: number, random: () => number): number {
  return failures ** 4 * (1 + contract.retryJitter * (2 * random() - 1));
}

/** The longest time that a timer can run, in seconds (24.8 days): Node.js fires longer ones at once. */
export const MAX_TIMER_SECONDS = 2_147_483;
