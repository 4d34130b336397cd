import type { IncomingMessage } from "node:http";

/** The reply of a receiver. */
export interface ReceivedReply {
  status: number;
  headers: Record<string, string>;
  /** The first 4,096 bytes. */
  body: string;
}

const KEPT_BODY_BYTES = 4096;
const READ_BODY_BYTES = 1_000_000;

/** Reads a reply, and keeps the beginning of its body. Never rejects. */
export async function readReply(incoming: IncomingMessage): Promise<ReceivedReply> {
  const { bytes } = await readReplyBytes(incoming, KEPT_BODY_BYTES, READ_BODY_BYTES);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body: bytes.toString() };
}

/**
 * Reads the body of a reply. Never rejects: only the status counts, so a body that breaks off or runs into a time limit
 * changes nothing.
 *
 * @param keptBytes limit of what is returned
 * @param readBytes limit at which the connection is closed
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
