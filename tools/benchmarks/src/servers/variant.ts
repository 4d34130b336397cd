import { Webhook } from "standardwebhooks";

import { secret } from "../deliveries.js";

/** Where deliveries are sent to. */
export const path = "/webhooks/ahasend";

/**
 * What a server does with a delivery: `bare` reads it and answers; `recipe` is what people write today, the framework's
 * raw body and standardwebhooks; `verified` does the same with our adapter; `received` is the whole receiver: dedupe,
 * deadline, limits.
 */
export type Variant = "bare" | "recipe" | "verified" | "received";

/** Starts a server on a free port. @returns the port */
export type StartServer = (variant: Variant) => Promise<number>;

/** As much as is accepted by default. */
export const MAX_BODY_BYTES = 30_000_000;

/** What every recipe verifies with. */
export const webhook = new Webhook(secret, { format: "raw" });

/** What a receiver is made of. */
export const receiverOptions = { secret, on: { "*": () => undefined }, onOutcome: () => undefined };
