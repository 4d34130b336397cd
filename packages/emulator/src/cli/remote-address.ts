import { assertLoopbackLiteral } from "../transport/loopback.js";
import { UsageError } from "./exit.js";

/** The refusal to send to another machine, with the cure as it is called on the command line. */
export function toRemoteAddressError(message: string): UsageError {
  return new UsageError(message.replace("set allowRemote", "give --allow-remote"));
}

/** @throws {UsageError} when a URL names the address of another machine */
export function assertLoopbackUrl(url: string): void {
  try {
    assertLoopbackLiteral(new URL(url));
  } catch (error) {
    throw toRemoteAddressError((error as Error).message);
  }
}
