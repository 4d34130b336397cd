import { randomBytes, randomUUID } from "node:crypto";

import type { Check } from "../check.js";
import { contract } from "../contract-source.js";
import { signed, withSignature } from "../probe/check-request.js";
import { acknowledges } from "./request-check.js";

const REQUEST = contract("“The request”");
const SPLIT =
  "Split webhook-signature at spaces, skip what does not begin with v1, and accept the delivery when one of the rest matches.";

/** What must be acknowledged, by how it is signed. */
export const signatureChecks: readonly Check[] = [
  acknowledges({
    name: "signatures/rotated-secret",
    sent: "two signatures, of another secret and of the right one, in both orders",
    source: REQUEST,
    cure: SPLIT,
    messages: (secret) => {
      const other = (signature: string) => `v1,${randomBytes(32).toString("base64")} ${signature}`;
      const swap = (signature: string) => other(signature).split(" ").toReversed().join(" ");
      return [
        { ...withSignature(signed(secret), other), what: "the right one last" },
        { ...withSignature(signed(secret), swap), what: "the right one first" },
      ];
    },
  }),
  acknowledges({
    name: "signatures/other-versions",
    sent: "signatures of other versions, and malformed ones, around the right one",
    source: REQUEST,
    cure: `${SPLIT} A part that is malformed or of another version is no error by itself.`,
    messages: (secret) => {
      const other = randomBytes(64).toString("base64");
      return [
        withSignature(
          signed(secret),
          (signature) => `v1a,${other} v2,${other} v1,tooshort malformed ${signature} v1a,${other}`,
        ),
      ];
    },
  }),
  acknowledges({
    name: "signatures/opaque-ids",
    sent: "ids of other shapes: a UUID, one with dots, a long one",
    source: REQUEST,
    cure: "Treat webhook-id as opaque text. If you store it, leave room for 255 characters; if you split the signed content at dots, take the parts from the headers instead.",
    messages: (secret) =>
      [randomUUID(), `evt.${randomUUID()}.1`, `msg_${randomBytes(80).toString("hex")}`].map((id) =>
        signed(secret, undefined, { id, what: id }),
      ),
  }),
];
