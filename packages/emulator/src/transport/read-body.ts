import type { IncomingMessage } from "node:http";

import { contract } from "@ahasend-webhooks/core/contract";

/**
 * Reads the body of a request or a reply. The caller drains or destroys what is left of a larger one: until then its
 * connection cannot be used again.
 *
 * @returns undefined if the body is larger than `maxBytes`
 * @throws the error of the stream
 */
export async function readBody(
  incoming: IncomingMessage,
  maxBytes: number = contract.maxBodyBytes,
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
