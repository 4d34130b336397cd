/** The methods of Node's responses that throw, emit `error` or corrupt the connection once a response has ended. */
interface SealedMethods {
  setHeader: unknown;
  setHeaders: unknown;
  appendHeader: unknown;
  removeHeader: unknown;
  addTrailers: unknown;
  flushHeaders: unknown;
  writeHead: unknown;
  writeHeader: unknown;
  writeContinue: unknown;
  writeProcessing: unknown;
  writeEarlyHints: unknown;
  writeInformation: unknown;
  write: unknown;
  end: unknown;
}

/**
 * Makes all later writes to an ended response silent no-ops: middleware that still sets a cookie, a header or an
 * error page could otherwise end the process (`ERR_HTTP_HEADERS_SENT`, `ERR_STREAM_WRITE_AFTER_END`).
 */
export function seal(response: object): void {
  const methods = response as SealedMethods;
  // One by one: in a loop over names it takes 20 times as long.
  methods.setHeader = ignore;
  methods.setHeaders = ignore;
  methods.appendHeader = ignore;
  methods.removeHeader = ignore;
  methods.addTrailers = ignore;
  methods.flushHeaders = ignore;
  methods.writeHead = ignore;
  methods.writeHeader = ignore;
  methods.writeContinue = ignore;
  methods.writeProcessing = ignore;
  methods.writeEarlyHints = ignore;
  methods.writeInformation = ignore;
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
