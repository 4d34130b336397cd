import { contract } from "@ahasend-webhooks/core/contract";

export { retryDelaySeconds } from "@ahasend-webhooks/core/contract";

/** A Go client's. AhaSend's own is not published; it is written in Go. */
export const USER_AGENT = "Go-http-client/1.1";

/** Attempts in all, by kind of endpoint: a webhook's span 16 minutes, an inbound route's 11 hours. */
export const { maxAttempts } = contract;
