import type { Claim, TransactionResult } from "./store.js";

/** A whole lease, for a store that does not return the end of the other owner's lease. */
const DEFAULT_RETRY_MS = 15_000;

/**
 * Returns the result of a store's `claim` if it is one of the three in the contract: an unexpected value from a driver
 * must never look like a receipt.
 *
 * @throws {TypeError} for anything else
 */
export function toClaim(reply: unknown): Claim {
  const { state, attempt, retryAfterMs } = readFields(reply, "claim");
  if (state === "done") return { state };
  if (state === "busy") return { state, retryAfterMs: toRetryMs(retryAfterMs) };
  if (state !== "claimed") throw unexpected("claim", `a state that is not "claimed", "busy" or "done"`);
  if (typeof attempt === "number" && Number.isSafeInteger(attempt) && attempt >= 1) return { state, attempt };
  throw unexpected("claim", "an attempt that is not a whole number from 1");
}

/**
 * Returns the result of a store's `run` if it is one of the three in the contract.
 *
 * @throws {TypeError} for anything else
 */
export function toTransactionResult(reply: unknown): TransactionResult {
  const { state, retryAfterMs } = readFields(reply, "run");
  if (state === "committed" || state === "done") return { state };
  if (state === "busy") return { state, retryAfterMs: toRetryMs(retryAfterMs) };
  throw unexpected("run", `a state that is not "committed", "busy" or "done"`);
}

function readFields(reply: unknown, method: string): Record<string, unknown> {
  if (typeof reply === "object" && reply !== null) return reply as Record<string, unknown>;
  throw unexpected(method, reply === null ? "null" : `a value of type ${typeof reply}`);
}

/** Another owner has the delivery even if this value is wrong: it must not run twice. */
function toRetryMs(value: unknown): number {
  return typeof value === "number" && value >= 0 && value < Infinity ? value : DEFAULT_RETRY_MS;
}

function unexpected(method: string, what: string): TypeError {
  return new TypeError(
    `The store's ${method}() resolved to ${what}: see the types Claim and TransactionResult.`,
  );
}
