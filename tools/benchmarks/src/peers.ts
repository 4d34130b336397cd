import { createHmac, createSecretKey, webcrypto } from "node:crypto";

import * as octokit from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { Webhook as SvixWebhook } from "svix";

import { type Delivery, secret } from "./deliveries.js";

/** Turns a delivery into a call that can be repeated; what it needs beforehand is not measured. */
export type CreateCall = (delivery: Delivery) => () => unknown;

const key = createSecretKey(Buffer.from(secret));
const standard = new Webhook(secret, { format: "raw" });
const svix = new SvixWebhook(secret, { format: "raw" });

/** Nothing but the HMAC of the body: what a check cannot do without. */
export const bareHmac: CreateCall =
  ({ body }) =>
  () =>
    createHmac("sha256", key).update(body).digest();

/** Standard Webhooks' own library, as the recipes use it. */
export const standardWebhooks: CreateCall =
  ({ headers, body }) =>
  () =>
    standard.verify(body, headers);

/** The same without its JSON.parse. */
export const standardWebhooksSignature: CreateCall =
  ({ headers, body }) =>
  () =>
    standard.verify(body, headers, { jsonParse: false });

export const svixWebhook: CreateCall =
  ({ headers, body }) =>
  () =>
    svix.verify(body, headers);

/** GitHub's scheme: the body alone is signed, and it is taken as text. */
export const octokitVerify: CreateCall = ({ body }) => {
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  return async () => octokit.verify(secret, body.toString(), signature);
};

/** Stripe's scheme: timestamp and body are signed. */
export const stripeSignature: CreateCall = ({ body }) => {
  const { header, check } = stripe(body);
  return () => check?.verifyHeader(body, header, secret);
};

/** The same with its JSON.parse. */
export const stripeEvent: CreateCall = ({ body }) => {
  const { header } = stripe(body);
  return () => Stripe.webhooks.constructEvent(body, header, secret);
};

/** What is written by hand: the HMAC over a text. */
export const handWritten: CreateCall =
  ({ headers, body }) =>
  () => {
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body.toString()}`;
    return (
      `v1,${createHmac("sha256", secret).update(signed).digest("base64")}` === headers["webhook-signature"]
    );
  };

/** `crypto.subtle`, which other runtimes have too. */
export const webCrypto: CreateCall = ({ headers, body }) => {
  const imported = webcrypto.subtle.importKey(
    "raw",
    Buffer.from(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signature = Buffer.from(headers["webhook-signature"]?.slice("v1,".length) ?? "", "base64");
  return async () => {
    const signed = Buffer.concat([
      Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`),
      body,
    ]);
    return webcrypto.subtle.verify("HMAC", await imported, signature, signed);
  };
};

function stripe(body: Buffer) {
  const payload = body.toString();
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  return { header, check: Stripe.webhooks.signature };
}
