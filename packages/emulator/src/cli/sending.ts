import { createEmulator } from "../create-emulator.js";
import type { Delivery } from "../delivery.js";
import type { Emulator } from "../emulator.js";
import { EmulatorError } from "../errors.js";
import type { EmulatorOptions } from "../options.js";
import { UsageError, exitCodes } from "./exit.js";
import { interruptible } from "./interrupt.js";

/** Works with an emulator that is closed in the end, and at once by Ctrl+C: then deliveries stay `pending`. */
export async function sending(
  options: Pick<EmulatorOptions, "speed" | "allowRemote">,
  work: (emulator: Emulator, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const emulator = createEmulator(options);
  try {
    await interruptible(async (signal) => {
      signal.addEventListener("abort", () => void emulator.close());
      await work(emulator, signal);
    });
  } finally {
    await emulator.close();
  }
}

/**
 * Makes the one webhook or route that events go to.
 *
 * @throws {UsageError} when nothing may be sent there
 */
export function createEndpoint(
  emulator: Emulator,
  kind: "webhook" | "route",
  url: string,
  secret: string,
): void {
  try {
    emulator.endpoints.create({ kind, url, secret });
  } catch (error) {
    if (error instanceof EmulatorError && error.code === "remote_address") throw remoteAddress(error.message);
    throw error;
  }
}

/**
 * What the exit status says about deliveries.
 *
 * @throws {UsageError} when one was to go to another machine
 */
export function exitCodeOf(deliveries: readonly Delivery[]): number {
  for (const { attempts } of deliveries) {
    const { error } = attempts.at(-1) ?? {};
    if (error?.code === "remote_address") throw remoteAddress(error.message);
  }
  if (deliveries.some(({ state }) => state === "pending")) return exitCodes.interrupted;
  return deliveries.every(({ state }) => state === "delivered") ? exitCodes.ok : exitCodes.failed;
}

function remoteAddress(message: string): UsageError {
  return new UsageError(message.replace("set allowRemote", "give --allow-remote"));
}
