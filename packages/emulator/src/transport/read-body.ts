import type { IncomingMessage } from "node:http";

/** As large as AhaSend's largest bodies. */
export const MAX_BODY_BYTES = 30_000_000;

/**
 * Reads a request or a reply. What is left of a larger one is for the caller to drain or to destroy: until then its
 * connection cannot be used again.
 *
 * @returns nothing when it is larger
 * @throws what breaks it off
 */
export async function readBody(
  incoming: IncomingMessage,
  maxBytes = MAX_BODY_BYTES,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
