import { type NetConnectOpts, Socket } from "node:net";

type Written = (error?: Error | null) => void;

/**
 * A connection that can still be read when it cannot be written to any more. A receiver that refuses a body answers and
 * closes the connection: Node's own sockets then fail with EPIPE, and what has been answered is lost.
 */
class WriteErrorIgnoringSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
    // Reading finds out what has become of the connection.
    super._write(chunk, encoding, () => written());
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    super._writev?.(chunks, () => written());
  }
}

/** For `createConnection` of `http.request` and of its agents. */
export function connectIgnoringWriteErrors(options: object): Socket {
  return new WriteErrorIgnoringSocket(options).connect(options as NetConnectOpts);
}
