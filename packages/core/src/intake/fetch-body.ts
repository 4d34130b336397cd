/** Up to this declared length a body is asked for in one piece, where the runtime has a fast way to do so. */
const MAX_WHOLE_BYTES = 64 * 1024;

/**
 * The body of a Fetch request, in a shape that a receiver reads. A small one is asked for in one piece where the
 * runtime has its own way to read it (Hono on Node.js), because web streams take ten times as long as everything else.
 * There HTTP holds a body to its declared length; a stock `Request` may have any stream behind it and is read as one.
 *
 * @returns `undefined` for a body that was used: it would read as an empty one, and the developer would not learn why
 */
export function toReadableBody(request: Request): unknown {
  if (request.bodyUsed) return undefined;
  if (request.arrayBuffer !== Request.prototype.arrayBuffer) {
    const declared = Number(request.headers.get("content-length"));
    if (declared > 0 && declared <= MAX_WHOLE_BYTES) return whole(request);
  }
  return request.body ?? "";
}

async function* whole(request: Request): AsyncIterable<Uint8Array> {
  yield new Uint8Array(await request.arrayBuffer());
}
