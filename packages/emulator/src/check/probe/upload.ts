import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { setImmediate as eventLoopTurn } from "node:timers/promises";

import { errorInWords } from "./exchange.js";
import { openRequest } from "../../transport/open-request.js";
import type { CheckSettings } from "../check-options.js";

/** A body that is made while it is sent. */
export interface Upload {
  headers: Record<string, string>;
  parts: Iterable<Uint8Array>;
  /** Whether it comes to an end, or to a halt. */
  ends: boolean;
}

/** What came of an upload. */
export interface Poured {
  /** How much of the body was sent until then. */
  sentBytes: number;
  /** The status of the answer. */
  status?: number;
  /** Why there is none, in words. */
  error?: string;
  /** Whether the receiver ended it; if not, the signal did. */
  isOver: boolean;
}

/** Sends a body part by part until the receiver has had enough. Never rejects. */
export async function pour(
  { url, allowRemote, insecure }: CheckSettings,
  { headers, parts, ends }: Upload,
  signal: AbortSignal,
): Promise<Poured> {
  let sentBytes = 0;
  let isOver = false;

  async function write(outgoing: ClientRequest): Promise<void> {
    outgoing.flushHeaders();
    for (const part of parts) {
      // An answer that is there is read first: a write that fails would throw it away.
      await eventLoopTurn();
      if (isOver) return;
      const goesOn = outgoing.write(part);
      sentBytes += part.length;
      if (!goesOn) await once(outgoing, "drain");
    }
    if (ends) outgoing.end();
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
      // What breaks after the answer is no news: only the first of these counts.
      outgoing.on("response", (response) => resolve(response.statusCode));
      outgoing.on("error", reject);
      outgoing.on("close", () => reject(new Error("the connection was closed")));
      void write(outgoing).catch(() => undefined);
    }).finally(() => {
      isOver = true;
      outgoing.destroy();
    });
    return { sentBytes, isOver, ...(status !== undefined && { status }) };
  } catch (error) {
    return {
      sentBytes,
      isOver: !signal.aborted,
      error: errorInWords(signal.aborted ? signal.reason : error),
    };
  }
}
