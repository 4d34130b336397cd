import { createHmac } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";

/** A refusal with its status. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

/** The three headers of a delivery. */
export interface Head {
  id: string;
  timestamp: string;
  signature: string;
}

/** The parts of a receiver that was written without these packages. */
export interface Parts {
  maxBodyBytes: number;
  /** Reads the raw bytes of the body. */
  read: (request: IncomingMessage, maxBodyBytes: number) => Promise<Buffer>;
  isFresh: (timestamp: string) => boolean;
  key: (secret: string) => Buffer;
  /** Returns whether an entry of the signature header matches the valid signature, given in base64. */
  matches: (entry: string, right: string) => boolean;
  /** Returns whether to verify the signature at all. */
  verifies: (head: Head) => boolean;
  /** Validates an event. @throws {Error} of any kind for an event that it does not accept */
  assertEvent: (event: { type: string; data: Record<string, unknown> }) => void;
  dedupes: boolean;
  /** Does the work and replies, in the right order. */
  order: (work: () => void, reply: () => void) => void;
  /** Returns the body of a refusal. */
  errorBody: (error: Error) => string;
}

/** The parts of a correct receiver. */
const careful: Parts = {
  maxBodyBytes: 30_000_000,
  async read(request, maxBodyBytes) {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBodyBytes) throw new Refusal(413, "too large");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  },
  isFresh: (timestamp) =>
    /^[1-9][0-9]{9,11}$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300,
  key: (secret) => Buffer.from(secret),
  matches: (entry, right) => entry === `v1,${right}`,
  verifies: () => true,
  assertEvent: () => undefined,
  dedupes: true,
  order(work, reply) {
    work();
    reply();
  },
  errorBody: () => "",
};

/**
 * Creates a receiver on bare node:http, written by hand. GET /stats returns how often it has worked.
 *
 * @param careless replaces parts of a correct receiver
 */
export function handmade(secret: string, careless: Partial<Parts> = {}): RequestListener {
  const parts: Parts = { ...careful, ...careless };
  const seen = new Set<string>();
  let worked = 0;

  async function receive(request: IncomingMessage): Promise<() => void> {
    if (request.method !== "POST") throw new Refusal(405, "method");
    if (request.headers["content-encoding"] !== undefined) throw new Refusal(415, "encoding");
    const header = (name: string) => String(request.headers[name] ?? "");
    const head = {
      id: header("webhook-id"),
      timestamp: header("webhook-timestamp"),
      signature: header("webhook-signature"),
    };
    const body = await parts.read(request, parts.maxBodyBytes);
    if (parts.verifies(head)) verify(head, body);
    const event = JSON.parse(body.toString()) as Parameters<Parts["assertEvent"]>[0];
    parts.assertEvent(event);
    const isNew = !parts.dedupes || !seen.has(head.id);
    seen.add(head.id);
    return () => void (isNew && (worked += 1));
  }

  function verify({ id, timestamp, signature }: Head, body: Buffer): void {
    if ([id, timestamp, signature].includes("")) throw new Refusal(400, "header");
    if (!parts.isFresh(timestamp)) throw new Refusal(401, "stale");
    const hmac = createHmac("sha256", parts.key(secret)).update(`${id}.${timestamp}.`).update(body);
    const right = hmac.digest("base64");
    if (!signature.split(" ").some((entry) => parts.matches(entry, right)))
      throw new Refusal(401, "signature");
  }

  return (request, response) => {
    if (request.url === "/stats") {
      response.end(JSON.stringify({ worked }));
      return;
    }
    receive(request).then(
      (work) => parts.order(work, () => response.writeHead(204).end()),
      (error: Error) => {
        const status = error instanceof Refusal ? error.status : 500;
        response.writeHead(status, { connection: "close" }).end(parts.errorBody(error));
        request.resume();
      },
    );
  };
}
