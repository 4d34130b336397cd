import { contract } from "@ahasend-webhooks/core/contract";

export { retryDelaySeconds } from "@ahasend-webhooks/core/contract";

/** The attempts that AhaSend makes in all: 16 minutes for a webhook, 11 hours for an inbound route. */
export const { maxAttempts } = contract;
