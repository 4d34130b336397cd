// The check alone is not public: it is measured from the source of core.
import { toHmacKeys } from "../../../../packages/core/src/signature/keys.js";
import { SignatureCheck } from "../../../../packages/core/src/signature/signature.js";
import { secret } from "../deliveries.js";
import type { CreateCall } from "../peers.js";

const keys = { hmac: toHmacKeys(secret, "raw"), ed25519: [] };

/** Checks a signature as `verify` does, without headers, clock and JSON.parse. */
export const ourSignatureCheck: CreateCall = ({ headers, body }) => {
  const head = {
    deliveryId: headers["webhook-id"] ?? "",
    timestamp: headers["webhook-timestamp"] ?? "",
    signatures: [headers["webhook-signature"] ?? ""],
  };
  return () => {
    const check = new SignatureCheck(keys, head);
    check.update(body);
    return check.findSecret(body);
  };
};
