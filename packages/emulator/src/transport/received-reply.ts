import type { IncomingMessage } from "node:http";

/** What a receiver answered. */
export interface ReceivedReply {
  status: number;
  headers: Record<string, string>;
  /** The beginning of it: 4,096 bytes. */
  body: string;
}

const KEPT_BODY_BYTES = 4096;
const READ_BODY_BYTES = 1_000_000;

/** Reads an answer, of a long one the beginning. Never rejects. */
export async function readReply(incoming: IncomingMessage): Promise<ReceivedReply> {
  const { bytes } = await readReplyBytes(incoming, KEPT_BODY_BYTES, READ_BODY_BYTES);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body: bytes.toString() };
}

/**
 * Reads the body of an answer. Never rejects: the status is what counts, so that a body which breaks off, or is cut
 * off by a time limit, changes nothing.
 *
 * @param keptBytes how much of it is returned
 * @param readBytes how much of it may come before the connection is closed
 */
export function readReplyBytes(
  incoming: IncomingMessage,
  keptBytes: number,
  readBytes: number,
): Promise<{ bytes: Buffer; isCut: boolean }> {
  const kept: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    incoming.on("data", (chunk: Buffer) => {
      if (bytes < keptBytes) kept.push(chunk.subarray(0, keptBytes - bytes));
      bytes += chunk.length;
      if (bytes > readBytes) incoming.destroy();
    });
    incoming.on("error", () => undefined);
    incoming.on("close", () =>
      resolve({ bytes: Buffer.concat(kept), isCut: bytes > keptBytes || !incoming.complete }),
    );
  });
}
