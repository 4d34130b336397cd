import type { IncomingMessage } from "node:http";

/** What a receiver answered. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** The beginning of it: 4,096 bytes. */
  body: string;
}

const KEPT_BODY_BYTES = 4096;
const READ_BODY_BYTES = 1_000_000;

/** Reads an answer, of a long one the beginning. Never rejects. */
export function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let readBytes = 0;
  return new Promise((resolve) => {
    incoming.on("data", (chunk: Buffer) => {
      if (keptBytes < KEPT_BODY_BYTES) kept.push(chunk.subarray(0, KEPT_BODY_BYTES - keptBytes));
      keptBytes = Math.min(keptBytes + chunk.length, KEPT_BODY_BYTES);
      readBytes += chunk.length;
      if (readBytes > READ_BODY_BYTES) incoming.destroy();
    });
    // The status is what counts: a body that breaks off, or is cut off by the time-out, changes nothing.
    incoming.on("error", () => undefined);
    incoming.on("close", () =>
      resolve({
        status: incoming.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(kept).toString(),
      }),
    );
  });
}
