import { createHmac, createSecretKey, webcrypto } from "node:crypto";

import * as octokit from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { Webhook as SvixWebhook } from "svix";

import { type Delivery, secret } from "./deliveries.js";

/** Turns a delivery into a call that can be repeated; preparing it is not measured. */
export type CreateCall = (delivery: Delivery) => () => unknown;

/** The calls of a library that are measured: at least one. */
export type Peer =
  | { signatureCheck: CreateCall; verification?: CreateCall }
  | { signatureCheck?: CreateCall; verification: CreateCall };

const key = createSecretKey(Buffer.from(secret));
const standard = new Webhook(secret, { format: "raw" });
const svix = new SvixWebhook(secret, { format: "raw" });

/**
 * The libraries that verify webhooks, by their npm names: the only list of them. Versions, sizes and both tables of
 * verification derive from it.
 */
export const peers = {
  /** GitHub's scheme: signs only the body, and takes it as a string. */
  "@octokit/webhooks-methods": {
    signatureCheck: ({ body }) => {
      const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
      return async () => octokit.verify(secret, body.toString(), signature);
    },
  },
  /** Stripe's scheme: signs timestamp and body. */
  stripe: {
    signatureCheck: ({ body }) => {
      const header = createStripeHeader(body);
      return () => Stripe.webhooks.signature?.verifyHeader(body, header, secret);
    },
    verification: ({ body }) => {
      const header = createStripeHeader(body);
      return () => Stripe.webhooks.constructEvent(body, header, secret);
    },
  },
  svix: {
    verification:
      ({ headers, body }) =>
      () =>
        svix.verify(body, headers),
  },
  standardwebhooks: {
    signatureCheck:
      ({ headers, body }) =>
      () =>
        standard.verify(body, headers, { jsonParse: false }),
    verification:
      ({ headers, body }) =>
      () =>
        standard.verify(body, headers),
  },
} as const satisfies Record<string, Peer>;

/** The npm names of the peers. */
export const peerPackages: readonly string[] = Object.keys(peers);

/** Returns the calls of one kind, by the name of the peer. */
export function selectPeers(kind: "signatureCheck" | "verification"): Record<string, CreateCall> {
  const calls = Object.entries<Peer>(peers).map(([name, peer]) => [name, peer[kind]] as const);
  return Object.fromEntries(calls.flatMap(([name, call]) => (call === undefined ? [] : [[name, call]])));
}

/** Signature checks without a library. */
export const baselines: Readonly<Record<string, CreateCall>> = {
  /** The HMAC of the body alone, which every check needs. */
  "bare createHmac":
    ({ body }) =>
    () =>
      createHmac("sha256", key).update(body).digest(),
  /** The usual handwritten check: the HMAC of a string. */
  "createHmac over text":
    ({ headers, body }) =>
    () => {
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body.toString()}`;
      return (
        `v1,${createHmac("sha256", secret).update(signed).digest("base64")}` === headers["webhook-signature"]
      );
    },
  /** The Web Crypto API, which other runtimes have as well. */
  "crypto.subtle": ({ headers, body }) => {
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
  },
};

function createStripeHeader(body: Buffer): string {
  return Stripe.webhooks.generateTestHeaderString({ payload: body.toString(), secret });
}
