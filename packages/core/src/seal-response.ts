/** The methods of Node's responses that throw, emit `error` or corrupt the connection once a response has ended. */
interface SealedMethods {
  setHeader: unknown;
  appendHeader: unknown;
  removeHeader: unknown;
  writeHead: unknown;
  write: unknown;
  end: unknown;
}

/**
 * Turns all later writes to a response into silent no-ops, for frameworks whose middleware continues after the reply: a
 * late cookie, header or error page could end the process (`ERR_HTTP_HEADERS_SENT`,
 * `ERR_STREAM_WRITE_AFTER_END`).
 *
 * @example
 * await writeReply(ctx.req, ctx.res, reply);
 * sealResponse(ctx.res);
 */
export function sealResponse(response: object): void {
  const methods = response as SealedMethods;
  // One by one, and only those that middleware calls: each costs every request, and a loop over names 20 times as much.
  methods.setHeader = ignore;
  methods.appendHeader = ignore;
  methods.removeHeader = ignore;
  methods.writeHead = ignore;
  methods.write = ignoreChunk;
  methods.end = ignore;
}

function ignore(this: unknown, ...values: unknown[]): unknown {
  ignoreChunk(...values);
  return this;
}

/** @returns that there is no need to wait for "drain" */
function ignoreChunk(...values: unknown[]): true {
  const callback = values.at(-1);
  if (typeof callback === "function") queueMicrotask(() => void callback());
  return true;
}
