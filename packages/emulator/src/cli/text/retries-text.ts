import { contract, retryDelaySeconds } from "@ahasend-webhooks/core/contract";

/** Formats the retries of an endpoint: `6 attempts over 16 minutes`. */
export function retriesText(kind: keyof typeof contract.maxAttempts): string {
  const maxAttempts = contract.maxAttempts[kind];
  let seconds = 0;
  for (let failures = 1; failures < maxAttempts; failures += 1) {
    seconds += retryDelaySeconds(failures, () => 0.5);
  }
  const span = seconds < 3600 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`;
  return `${maxAttempts} attempts over ${span}`;
}
