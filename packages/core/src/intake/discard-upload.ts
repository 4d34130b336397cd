/** A refused sender may continue to send for this long, so that it reads the reply instead of meeting a reset. */
const LINGER_MS = 1000;

/** As much as the largest delivery has, for senders that read only when all is written. */
const LINGER_BYTES = 30_000_000;

/** The part of Node's `Readable` that is used here. */
interface Discardable {
  on(event: string, listener: (chunk: Uint8Array) => void): unknown;
  off(event: string, listener: (chunk: Uint8Array) => void): unknown;
  resume(): unknown;
}

/** Reads what is still arriving and drops it, until it ends or a second or 30 MB have passed. */
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
