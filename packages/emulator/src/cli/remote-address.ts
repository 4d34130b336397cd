import { assertLoopbackLiteral } from "../transport/loopback.js";
import { UsageError } from "./exit.js";

/** Converts the refusal to send to another machine, so that it names the option of the command line. */
export function toRemoteAddressError(message: string): UsageError {
  return new UsageError(message.replace("set allowRemote", "use --allow-remote"));
}

/** @throws {UsageError} when a URL contains the address of another machine */
export function assertLoopbackUrl(url: string): void {
  try {
    assertLoopbackLiteral(new URL(url));
  } catch (error) {
    throw toRemoteAddressError((error as Error).message);
  }
}
