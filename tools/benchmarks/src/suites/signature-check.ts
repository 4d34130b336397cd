// The check alone is no part of the public interface: it is measured from its source.
import { hmacKeys } from "../../../../packages/core/src/keys.js";
import { SignatureCheck } from "../../../../packages/core/src/signature.js";
import { secret } from "../deliveries.js";
import type { CreateCall } from "../peers.js";

const keys = { hmac: hmacKeys(secret, "raw"), ed25519: [] };

/** The signature check inside `verify`, without headers, clock and JSON.parse. */
export const ourSignatureCheck: CreateCall = ({ headers, body }) => {
  const head = {
    deliveryId: headers["webhook-id"] ?? "",
    timestamp: headers["webhook-timestamp"] ?? "",
    signatures: [headers["webhook-signature"] ?? ""],
  };
  return () => {
    const check = new SignatureCheck(keys, head);
    check.update(body);
    return check.matches(body);
  };
};
