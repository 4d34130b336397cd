import { contract } from "@ahasend-webhooks/core/contract";

export { retryDelaySeconds } from "@ahasend-webhooks/core/contract";

/** Attempts in all, by kind of endpoint: a webhook's span 16 minutes, an inbound route's 11 hours. */
export const { maxAttempts } = contract;
