import { type NetConnectOpts, Socket } from "node:net";

type Callback = (error?: Error | null) => void;

/**
 * A socket that can still be read after writing has failed. A receiver that refuses a body replies and closes the
 * connection: Node's own sockets then fail with EPIPE, and the reply is lost.
 */
class WriteErrorIgnoringSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, callback: Callback): void {
    // Reading detects that the connection has ended.
    super._write(chunk, encoding, () => callback());
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: Callback): void {
    super._writev?.(chunks, () => callback());
  }
}

/** Opens a connection that ignores write errors: for `createConnection` of `http.request` and of its agents. */
export function connectIgnoringWriteErrors(options: object): Socket {
  return new WriteErrorIgnoringSocket(options).connect(options as NetConnectOpts);
}
