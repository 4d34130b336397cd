/**
 * Returns a reply as a string.
 *
 * @throws {Error} if it is not one that the command can have: it must never look like a receipt
 */
export function readReply(value: unknown, expected: RegExp): string {
  // A client that maps strings to buffers returns one.
  const text = ArrayBuffer.isView(value) ? decodeLatin1(value) : value;
  if (typeof text === "string" && expected.test(text)) return text;
  throw new Error(
    `Redis returned an unexpected ${typeof text} for a command: pass a client that is not in a transaction and does not transform replies.`,
  );
}

function decodeLatin1({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
