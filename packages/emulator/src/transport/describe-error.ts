const CERTIFICATE_CODES = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Returns the code and the message of an error, for any thrown value. */
export function describeError(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const knownCode = typeof code === "string" ? code : "failed";
  // Node gives no message when several addresses of one host were tried.
  const reason = typeof message === "string" && message !== "" ? message : knownCode;
  return { code: knownCode, message: reason + certificateCure(code) };
}

/** Returns how to fix an untrusted certificate; an empty string for other errors. */
function certificateCure(code: unknown): string {
  return typeof code === "string" && CERTIFICATE_CODES.has(code)
    ? " (start with NODE_EXTRA_CA_CERTS=ca.pem to trust its issuer, or set insecure on this machine)"
    : "";
}
