import { createEmulator } from "../create-emulator.js";
import type { Emulator } from "../emulator.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import type { EmulatorOptions } from "../options.js";
import { interruptible } from "./interrupt.js";
import { toRemoteAddressError } from "./remote-address.js";

/** Works with an emulator that is closed in the end, and at once by Ctrl+C: then deliveries stay `pending`. */
export async function withEmulator(
  options: Pick<EmulatorOptions, "speed" | "allowRemote" | "insecure">,
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
 * Makes a webhook or route that events go to.
 *
 * @throws {UsageError} when nothing may be sent there
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
