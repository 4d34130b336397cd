import type { WebhookErrorCode } from "@ahasend-webhooks/core";

/** The causes of refusals of a valid request, and their fixes, by the code in the reply. */
const byCode: Readonly<Record<WebhookErrorCode, string>> = {
  missing_header:
    "The request was sent with all three headers: let the proxy or middleware in front of the receiver pass webhook-id, webhook-timestamp and webhook-signature on.",
  invalid_header:
    "The request was sent with valid headers: look for a proxy or middleware that joins or rewrites them.",
  invalid_payload:
    "The body as it was sent is not an event that AhaSend would send: use fields of the right types, or ignore this refusal.",
  body_aborted:
    "Not all of the body arrived: raise the body limit of what stands in front of the receiver, such as a proxy.",
  stale_timestamp:
    "The timestamp was right when the request was sent: set the receiver's clock (NTP), and look for a proxy that holds requests back.",
  invalid_signature:
    "The receiver has another secret than this endpoint, or something changes the body on the way: configure it with the secret of this endpoint and restart it. If that is so already, mount it ahead of every body parser.",
  method_not_allowed:
    "The receiver got another method than POST: mount it for POST, and check that no redirect leads to it.",
  body_timeout: "The body arrived too slowly: check the proxy in front, or raise bodyTimeoutSeconds.",
  in_flight:
    "Another copy of this delivery was being handled: nothing to fix, a retry gets the result. If it stays so, a handler hangs.",
  body_too_large: "The body is larger than the receiver accepts: raise maxBodyBytes.",
  unsupported_encoding: "The receiver got a compressed body: check the proxy in front.",
  handler_failed: "The handler threw: the receiver's log has the error. Fix it, then replay.",
  body_already_parsed:
    "Something read or parsed the body before the receiver: mount it ahead of every body parser, such as express.json().",
  store_unavailable: "The receiver's store failed: its log has the cause. Bring the store back.",
  inbox_unavailable: "The receiver's inbox failed: its log has the cause. Bring its database back.",
  secret_unavailable:
    "The receiver could not look up its secret: its log has the cause. Check AHASEND_WEBHOOK_SECRET, or the secret function.",
  deadline_exceeded: "The handler took too long: move long work to a queue or an inbox.",
  overloaded: "The receiver is out of memory for bodies: raise maxInFlightBytes, or send less at a time.",
  closing: "The receiver was shutting down: a retry reaches the next one.",
};

/** The causes where the reply has no code of ours. */
const byStatus: Readonly<Record<number, string>> = {
  400: "Something else than the verification refused the request: see the body of the reply and the app's log. Body parsers and validation pipes reply 400, so mount the receiver ahead of them.",
  401: "The reply has no code, so a guard or another library refused the request: exclude the path from authentication. If your own code verifies, compare its secret with the one of this endpoint, and verify the untouched bytes.",
  403: "Usually CSRF protection or an access rule: exclude the path from it.",
  404: "The app has no route at this URL: compare the path, including prefixes such as /api.",
  405: "The route does not accept POST: register it for POST.",
  413: "A body limit in front of the receiver is too small: raise it to 30 MB, or mount the receiver ahead of body parsers.",
  415: "A body parser refused application/json: mount the receiver ahead of it.",
  429: "A rate limiter refused the request: exclude the path, because AhaSend sends in bursts.",
  500: "The app failed: its log has the error.",
  502: "A proxy did not reach the app: start the app, or check the proxy's target.",
  503: "The app or a proxy in front is not ready: its log has the cause.",
  504: "A proxy gave up waiting for the app: reply in time, and move long work to a queue.",
};

/** The causes where no reply came, by error code. The emulator's own errors explain themselves. */
const byError: readonly (readonly [code: RegExp, cause: string])[] = [
  [
    /^ECONNREFUSED$/,
    "Nothing listens at this address: start the receiver, and compare the port. A receiver in a container must publish its port.",
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "The host name cannot be resolved: check how it is written."],
  [
    /^(ECONNRESET|EPIPE)$/,
    "The receiver closed the connection before it replied: its log may have the error, or it has just restarted.",
  ],
  [
    /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER)$/,
    "The receiver does not speak TLS: use http:// in the URL of the endpoint.",
  ],
  [
    /CERT|UNABLE_TO_VERIFY/,
    "The certificate is not trusted: start the emulator with --insecure for a server of this machine, or name its issuer in NODE_EXTRA_CA_CERTS.",
  ],
  [/^HPE_/, "The reply is not valid HTTP: compare the port, another protocol may be spoken there."],
];

/** Returns the cause and the fix of an attempt without a reply. */
export function findErrorCause(code: string): string | undefined {
  return byError.find(([pattern]) => pattern.test(code))?.[1];
}

/** Returns whether a code is one that our receivers reply with. */
function isReceiverCode(code: string): code is WebhookErrorCode {
  return Object.hasOwn(byCode, code);
}

/** Returns the cause and the fix of the refusal of a valid request. */
export function findReceiverCause(status: number, code: string | undefined): string {
  if (code !== undefined && isReceiverCode(code)) return byCode[code];
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) return "The app or a proxy in front of it failed: its log has the error.";
  if (status >= 300 && status < 400) {
    return "The reply is a redirect without a target: reply at the URL of the endpoint.";
  }
  return "The reply is not a success: return a status from 200 to 299 once the event is handled.";
}
