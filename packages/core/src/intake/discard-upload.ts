import { contract } from "../contract.js";

/** A refused sender may continue to send for this long, so that it reads the reply and not a connection reset. */
const LINGER_MS = 1000;

/** For senders that read only when all is written: the size of the largest delivery. */
const LINGER_BYTES = contract.maxBodyBytes;

/** The part of Node's `Readable` that is used here. */
interface Discardable {
  on(event: string, listener: (chunk: Uint8Array) => void): unknown;
  off(event: string, listener: (chunk: Uint8Array) => void): unknown;
  resume(): unknown;
}

/** Reads the rest of a request and drops it, for at most a second or the size of the largest delivery. */
export function discardUpload(request: Discardable): Promise<void> {
  return new Promise((resolve) => {
    let left = LINGER_BYTES;
    const onData = (chunk: Uint8Array) => {
      left -= chunk.length;
      if (left < 0) finish();
    };
    const finish = () => {
      clearTimeout(timer);
      for (const event of ["end", "close"]) request.off(event, finish);
      request.off("data", onData);
      resolve();
    };
    const timer = setTimeout(finish, LINGER_MS);
    timer.unref?.();
    for (const event of ["end", "close"]) request.on(event, finish);
    request.on("data", onData);
    request.resume();
  });
}
