import { createHmac } from "node:crypto";
import type { RequestListener } from "node:http";

import { type WebhookError, verify } from "@ahasend-webhooks/core";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";

const PATH = "/webhooks/ahasend";
const parsing = { type: "*/*", limit: 30_000_000, inflate: false };

const refusing: ErrorRequestHandler = ({ status = 500 }: Partial<WebhookError>, _req, res, _next) => {
  res.status(status).set("connection", "close").end();
};

/** Verifies the output of a body parser with core, and passes errors to a handler. /stats counts the deliveries. */
function behind(
  parser: RequestHandler,
  toBody: (body: unknown) => Uint8Array | string,
  secret: string,
  onError = refusing,
): RequestListener {
  const seen = new Set<string>();
  const handle: RequestHandler = (req, res) => {
    const { context } = verify({ headers: req.headers, body: toBody(req.body) }, { secret });
    seen.add(context.deliveryId);
    res.sendStatus(204);
  };
  return express()
    .get("/stats", (_req, res) => void res.json({ handled: seen.size }))
    .post(PATH, parser, handle)
    .use(onError);
}

/** Verifies the raw bytes. */
export const raw = (secret: string) => behind(express.raw(parsing), (body) => body as Buffer, secret);

/** Verifies the parsed body, written again by JSON.stringify. */
export const reserializing = (secret: string) =>
  behind(express.json({ ...parsing, strict: false }), (body) => JSON.stringify(body ?? ""), secret);

/** Verifies the raw bytes, and reveals its errors in replies. */
export const leaking = (secret: string) =>
  behind(
    express.raw(parsing),
    (body) => body as Buffer,
    secret,
    (error: WebhookError, _req, res, _next) => {
      res.status(error.status).set("connection", "close").send(`<pre>${error.stack}</pre>`);
    },
  );

/** Waits for a body that a parser has consumed. */
export function hanging(secret: string): RequestListener {
  return express()
    .use(express.json())
    .post(PATH, (req, res) => {
      const {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
      } = req.headers;
      const hmac = createHmac("sha256", secret).update(`${String(id)}.${String(timestamp)}.`);
      req.on("data", (chunk: Buffer) => hmac.update(chunk));
      req.on("end", () => res.sendStatus(signature === `v1,${hmac.digest("base64")}` ? 204 : 401));
    });
}
