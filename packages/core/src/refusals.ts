/** Why a delivery was refused. The set is closed: a `switch` over it can be exhaustive. */
export type WebhookErrorCode =
  | "missing_header"
  | "invalid_header"
  | "invalid_payload"
  | "body_aborted"
  | "stale_timestamp"
  | "invalid_signature"
  | "method_not_allowed"
  | "body_timeout"
  | "in_flight"
  | "body_too_large"
  | "unsupported_encoding"
  | "handler_failed"
  | "body_already_parsed"
  | "store_unavailable"
  | "inbox_unavailable"
  | "secret_unavailable"
  | "deadline_exceeded"
  | "overloaded"
  | "closing";

type Message = string | ((...details: never[]) => string);

/** Status and messages of a code. */
export interface Refusal {
  /** The HTTP status of the reply. */
  status: number;
  /** The default; an error may have another value. */
  retryAfterSeconds?: number;
  /** For the developer: what is wrong, then what to do. Several by reason. */
  message: Message | Readonly<Record<string, Message>>;
}

const invalidHeader = (problem: string) => `The header ${problem}: the request does not come from AhaSend.`;
const invalidPayload = (problem: string) =>
  `The signed body ${problem}. AhaSend would not send it: check what else signs with this secret.`;
const bodyTimeout = (problem: string) =>
  `The body ${problem}: check the proxy in front, or raise bodyTimeoutSeconds.`;
const alreadyParsed =
  (problem: string) =>
  (cure = "Mount the webhook route before body parsers, or exclude it from them") =>
    `The body ${problem}; only the untouched bytes verify. ${cure}.`;

/** Every refusal: its status, when to retry, and its messages. */
export const REFUSALS = {
  missing_header: {
    status: 400,
    message: (name: string) =>
      `The header ${name} is missing: if the sender is AhaSend, check that the proxy in front passes it on.`,
  },
  invalid_header: {
    status: 400,
    message: {
      repeated: (name: string) => invalidHeader(`${name} is there more than once`),
      deliveryId: invalidHeader("webhook-id is not 1 to 255 visible ASCII characters"),
      timestamp: invalidHeader("webhook-timestamp is not in Unix seconds"),
      signature: (maxEntries: number, maxLength: number) =>
        invalidHeader(`webhook-signature has more than ${maxEntries} entries or ${maxLength} characters`),
    },
  },
  invalid_payload: {
    status: 400,
    message: {
      notJson: invalidPayload("is not UTF-8 encoded JSON"),
      notObject: invalidPayload("is not a JSON object"),
      noType: invalidPayload("has no type"),
      noData: invalidPayload("is of a known type but has no data object"),
      tooDeep: (maxDepth: number) => invalidPayload(`is nested deeper than ${maxDepth} levels`),
    },
  },
  body_aborted: {
    status: 400,
    message: {
      brokeOff:
        "The upload broke off before the whole body had arrived: nothing was handled, and AhaSend will retry.",
      cutOff: (arrivedBytes: number, declaredBytes: number) =>
        `${arrivedBytes} of ${declaredBytes} bytes of the body arrived: find what cuts it off in front of the receiver, and raise its body limit (in Next.js: experimental.proxyClientMaxBodySize).`,
    },
  },
  stale_timestamp: {
    status: 401,
    message: (toleranceSeconds: number) =>
      `The attempt is more than ${toleranceSeconds} s away from this server's time: check its clock (NTP); otherwise it is a replay.`,
  },
  invalid_signature: {
    status: 401,
    message: {
      noMatch:
        "No signature matches: compare the secret with the one on this webhook's page in the dashboard, and check that nothing in front changes the body.",
      noSecret:
        "The secret function returned no secret for this request: check the look-up, or the environment variable it reads, unless the sender is a stranger.",
    },
  },
  method_not_allowed: {
    status: 405,
    message: "Only POST is accepted: mount the receiver on a POST route.",
  },
  body_timeout: {
    status: 408,
    message: {
      late: (seconds: number) => bodyTimeout(`did not arrive within ${seconds} s`),
      stalled: (seconds: number) => bodyTimeout(`stopped arriving for ${seconds} s`),
    },
  },
  in_flight: {
    status: 409,
    message: "This delivery is already being handled: AhaSend will retry.",
  },
  body_too_large: {
    status: 413,
    message: {
      overLimit: (maxBodyBytes: number) =>
        `The body is larger than ${maxBodyBytes} bytes: raise maxBodyBytes if you expect such e-mails.`,
      refusedInFront:
        "The server in front refuses bodies of this size: raise its limit. Its error is the cause.",
    },
  },
  unsupported_encoding: {
    status: 415,
    message: "The body is compressed, and AhaSend never does that: check the proxy in front.",
  },
  handler_failed: {
    status: 500,
    message: {
      threw: "The handler threw; AhaSend will retry. Fix the handler, or catch what a retry cannot fix.",
      failed: (attempt: number) => `Attempt ${attempt} of the handler threw: the inbox will repeat it.`,
      dead: (attempt: number) =>
        `The handler threw in attempt ${attempt}, and the delivery is a dead letter now: fix the handler, then replay it.`,
      missing: "This worker has no handler for the type: deploy the same handlers to receivers and workers.",
      uncommitted:
        "The writes of the handler could not be committed, so the attempt has failed: see the cause.",
      unexpected: "The receiver met an unexpected error, its cause: please report it, with that cause.",
    },
  },
  body_already_parsed: {
    status: 500,
    message: {
      parsed: alreadyParsed("was parsed before it could be verified"),
      read: alreadyParsed("stream was read before it could be verified"),
      foreignChunks: alreadyParsed("stream has chunks that are not bytes"),
      notRaw: alreadyParsed("is neither bytes nor a string"),
    },
  },
  store_unavailable: {
    status: 503,
    retryAfterSeconds: 5,
    message: "The idempotency store failed, so AhaSend will retry: see the cause, and bring the store back.",
  },
  inbox_unavailable: {
    status: 503,
    retryAfterSeconds: 5,
    message: {
      down: "The inbox did not keep the delivery, so AhaSend will retry: see the cause, and bring its database back.",
      order:
        "The option orderingKey of the inbox failed, so the delivery was not kept and AhaSend will retry: see the cause, and return a string or undefined for every event.",
    },
  },
  secret_unavailable: {
    status: 503,
    retryAfterSeconds: 5,
    message: {
      unusable: "The secret function failed, or returned an invalid secret: see the cause.",
      late: (seconds: number) =>
        `The secret could not be looked up: return it within ${seconds} s, or undefined for an unknown sender.`,
    },
  },
  deadline_exceeded: {
    status: 503,
    retryAfterSeconds: 5,
    message: {
      slow: "The handler has not finished and the sender is about to give up. It continues, and a late success counts: move long work to a queue.",
      attempt: (seconds: number) =>
        `The handler has not finished after ${seconds} s, so the attempt counts as failed: raise handlerTimeoutSeconds, or make it give up earlier.`,
      hung: (minutes: number) =>
        `The handler has not finished ${minutes} minutes after its deadline: the next attempt may run it again. Make it give up earlier, for example with context.signal.`,
    },
  },
  overloaded: {
    status: 503,
    retryAfterSeconds: 5,
    message:
      "The bodies in flight have used up the memory budget: AhaSend will retry. Raise maxInFlightBytes if it happens often.",
  },
  closing: {
    status: 503,
    retryAfterSeconds: 1,
    message: "The receiver is closing: AhaSend will retry, and another process can take the delivery.",
  },
} satisfies Record<WebhookErrorCode, Refusal>;
