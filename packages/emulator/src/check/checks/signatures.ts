import { randomBytes, randomUUID } from "node:crypto";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { signRequest, withSignature } from "../probe/check-request.js";
import { expectAcknowledged } from "./request-check.js";

const REQUEST = contractSource("The request");
const SPLIT =
  "Split webhook-signature at spaces, skip the entries that do not begin with v1, and accept the delivery if any of the others matches.";

/** Forms of the signature that must be acknowledged. */
export const signatureChecks: readonly Check[] = [
  expectAcknowledged({
    name: "signatures/rotated-secret",
    sent: "two signatures, one with another secret and one with the right secret, in both orders",
    source: REQUEST,
    fix: SPLIT,
    requests: (secret) => {
      const rightLast = (signature: string) => `v1,${randomBytes(32).toString("base64")} ${signature}`;
      const rightFirst = (signature: string) => rightLast(signature).split(" ").toReversed().join(" ");
      return [
        { ...withSignature(signRequest(secret), rightLast), label: "the right one last" },
        { ...withSignature(signRequest(secret), rightFirst), label: "the right one first" },
      ];
    },
  }),
  expectAcknowledged({
    name: "signatures/other-versions",
    sent: "signatures of other versions, and malformed ones, around the right one",
    source: REQUEST,
    fix: `${SPLIT} An entry that is malformed or of another version is not an error.`,
    requests: (secret) => {
      const other = randomBytes(64).toString("base64");
      const surround = (signature: string) =>
        `v1a,${other} v2,${other} v1,tooshort malformed ${signature} v1a,${other}`;
      return [withSignature(signRequest(secret), surround)];
    },
  }),
  expectAcknowledged({
    name: "signatures/opaque-ids",
    sent: "ids of various shapes: a UUID, one with dots, a long one",
    source: REQUEST,
    fix: "Treat webhook-id as an opaque string. If you store it, allow 255 characters. Do not split the signed content at dots: take its parts from the headers.",
    requests: (secret) =>
      [randomUUID(), `evt.${randomUUID()}.1`, `msg_${randomBytes(80).toString("hex")}`].map((id) =>
        signRequest(secret, undefined, { id, label: id }),
      ),
  }),
];
