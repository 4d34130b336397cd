import type { IdempotencyStore } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";
import { Webhook } from "standardwebhooks";

import { secret } from "../deliveries.js";

/** The path that deliveries are sent to. */
export const path = "/webhooks/ahasend";

/**
 * The work of a server: `bare` reads the body and replies; `recipe` is the usual code, the framework's raw body and
 * standardwebhooks; `verified` does the same with our adapter; `received` is the whole receiver with dedupe, deadline and
 * limits.
 */
export type Variant = "bare" | "recipe" | "verified" | "received";

/** Starts a server on a free port; only that of node:http uses `store`. @returns the port */
export type StartServer = (variant: Variant, store?: IdempotencyStore) => Promise<number>;

/** The largest body that a receiver accepts by default. */
export const MAX_BODY_BYTES = contract.maxBodyBytes;

/** Verifies deliveries in every `recipe`. */
export const webhook = new Webhook(secret, { format: "raw" });

/** Options of every receiver. */
export const receiverOptions = { secret, on: { "*": () => undefined }, onOutcome: () => undefined };
