import { createEmulator } from "../create-emulator.js";
import type { Emulator } from "../emulator.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import type { EmulatorOptions } from "../options.js";
import { interruptible } from "./interrupt.js";
import { toRemoteAddressError } from "./remote-address.js";

/** Runs work with an emulator, and closes it afterwards. Ctrl+C closes it at once: deliveries then stay `pending`. */
export async function withEmulator(
  options: Pick<EmulatorOptions, "speed" | "allowRemote" | "insecure" | "disableAfterFailures">,
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
 * Creates the endpoint that events are delivered to.
 *
 * @throws {UsageError} when requests to it are not allowed
 */
export function createEndpoint(
  emulator: Emulator,
  kind: Endpoint["kind"],
  url: string,
  secret: string,
): Endpoint {
  try {
    return emulator.endpoints.create({ kind, url, secret });
  } catch (error) {
    if (error instanceof EmulatorError && error.code === "remote_address")
      throw toRemoteAddressError(error.message);
    throw error;
  }
}
