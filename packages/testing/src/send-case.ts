import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";

import type { AdapterCase } from "./adapter-case.js";

/** The reply to a case. */
export interface CaseReply {
  status: number;
  /** The code in the body, if there is one. */
  code?: string;
  headers: IncomingMessage["headers"];
  /** `true` if the reply announces that the server closes the connection. */
  closes: boolean;
}

/**
 * Sends the request of a case on a new connection.
 *
 * @throws {Error} if the connection fails before the reply
 *
 * @example
 * expect(await sendCase("http://127.0.0.1:3000/webhooks/ahasend", adapterCase)).toMatchObject(adapterCase.expected);
 */
export async function sendCase(url: string, { request }: AdapterCase): Promise<CaseReply> {
  const { method, headers, body, sending } = request;
  const bytes = Buffer.from(body);
  const length =
    sending === "chunked" ? { "transfer-encoding": "chunked" } : { "content-length": bytes.length };
  const outgoing = httpRequest(url, {
    method,
    headers: { ...headers, ...length },
    agent: false,
  });
  const closed = once(outgoing, "close");
  outgoing.flushHeaders();
  if (sending === "stalled") outgoing.write(bytes.subarray(0, bytes.length / 2));
  else if (sending !== "unsent") outgoing.end(bytes);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  // The server may close the connection once it has replied.
  outgoing.on("error", () => undefined);
  const content = await text(response);
  outgoing.destroy();
  await closed;
  return {
    status: response.statusCode ?? 0,
    ...(content !== "" && { code: (JSON.parse(content) as { code: string }).code }),
    headers: response.headers,
    closes: response.headers.connection === "close",
  };
}
