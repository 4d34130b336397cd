import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { setImmediate as eventLoopTurn } from "node:timers/promises";

import type { CheckSettings } from "../check-options.js";
import { openRequest } from "../../transport/open-request.js";
import { formatError } from "./exchange.js";

/** A body that is generated while it is sent. */
export interface Upload {
  headers: Record<string, string>;
  parts: Iterable<Uint8Array>;
  /** `false` for an upload that stalls after its last part. */
  completes: boolean;
}

/** The outcome of an upload. */
export interface UploadResult {
  /** Bytes of the body that were sent. */
  sentBytes: number;
  /** The status of the reply. */
  status?: number;
  /** Why no reply came, in words. */
  error?: string;
  /** `false` when the signal ended the upload. */
  endedByReceiver: boolean;
}

/** Sends a body part by part until the receiver replies or closes the connection. Never rejects. */
export async function sendUpload(
  { url, allowRemote, insecure }: CheckSettings,
  { headers, parts, completes }: Upload,
  signal: AbortSignal,
): Promise<UploadResult> {
  let sentBytes = 0;
  let endedByReceiver = false;

  async function write(outgoing: ClientRequest): Promise<void> {
    outgoing.flushHeaders();
    for (const part of parts) {
      // Reads a reply that has arrived first: a failing write would discard it.
      await eventLoopTurn();
      if (endedByReceiver) return;
      const hasRoom = outgoing.write(part);
      sentBytes += part.length;
      if (!hasRoom) await once(outgoing, "drain");
    }
    if (completes) outgoing.end();
  }

  try {
    const outgoing = openRequest({
      url: new URL(url),
      method: "POST",
      headers,
      allowRemote,
      insecure,
      signal,
    });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      // Only the first of these counts: errors after the reply do not matter.
      outgoing.on("response", (response) => resolve(response.statusCode));
      outgoing.on("error", reject);
      outgoing.on("close", () => reject(new Error("the connection was closed")));
      void write(outgoing).catch(() => undefined);
    }).finally(() => {
      endedByReceiver = true;
      outgoing.destroy();
    });
    return { sentBytes, endedByReceiver, ...(status !== undefined && { status }) };
  } catch (error) {
    return {
      sentBytes,
      endedByReceiver: !signal.aborted,
      error: formatError(signal.aborted ? signal.reason : error),
    };
  }
}
