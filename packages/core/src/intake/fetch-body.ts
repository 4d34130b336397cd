/** Up to this declared length a body is read in one piece, if the runtime has a fast way to do so. */
const MAX_WHOLE_BYTES = 64 * 1024;

/**
 * Returns the body of a Fetch request in a form that a receiver reads. A small one is read in one piece if the runtime
 * has its own way to do so (Hono on Node.js), because web streams take ten times as long as everything else.
 * There HTTP holds a body to its declared length; a stock `Request` may have any stream behind it and is read as one.
 *
 * @returns `undefined` for a body that was used: it would look empty, and hide the reason
 */
export function toReadableBody(request: Request): unknown {
  if (request.bodyUsed) return undefined;
  if (request.arrayBuffer !== Request.prototype.arrayBuffer) {
    const declared = Number(request.headers.get("content-length"));
    if (declared > 0 && declared <= MAX_WHOLE_BYTES) return readWhole(request);
  }
  return request.body ?? "";
}

async function* readWhole(request: Request): AsyncIterable<Uint8Array> {
  yield new Uint8Array(await request.arrayBuffer());
}
