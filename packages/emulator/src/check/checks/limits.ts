import { gzipSync } from "node:zlib";

import { contract } from "@ahasend-webhooks/core/contract";

import { BASE_CHECK } from "../check-rule.js";
import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { type Finding, fail, inconclusive, pass, warn } from "../finding.js";
import { signRequest, withHeaders } from "../probe/check-request.js";
import { formatExchange, isAcknowledged, isSuccess } from "../probe/exchange.js";
import type { Probe } from "../probe/probe.js";
import { createLargeEmail } from "../probe/sample-events.js";
import { type Upload, sendUpload } from "../probe/upload.js";
import { withDeadline } from "../probe/with-deadline.js";
import { expectAcknowledged, expectRefused } from "./request-check.js";

const MAX_MB = contract.maxBodyBytes / 1e6;

const REQUEST = contractSource(
  "The request",
  `accept up to ${MAX_MB} MB, refuse more with 413 while reading`,
);
const RAISE = `Accept bodies of ${MAX_MB} MB: inbound e-mails carry their attachments in base64. Express: express.raw({ limit: ${contract.maxBodyBytes} }). Fastify: bodyLimit. nginx: client_max_body_size. If no inbound route delivers here, skip this check.`;
const LIMIT = `Reply with 413 and close the connection as soon as content-length, or the number of bytes read, exceeds ${MAX_MB} MB: otherwise anyone can fill your memory, without a signature.`;
const READS_ON =
  "Refuse it while reading. Express's default error handler reads the rest before it replies: write an error handler that replies with 413 and connection: close.";
const STALLED =
  "Limit the time that a body may take. node:http and Express: server.requestTimeout = 15_000 (the default is 5 minutes). Fastify: requestTimeout. nginx: client_body_timeout.";

const LARGE_BYTES = 5_000_000;
const LARGEST_BYTES = 29_000_000;
const TOO_LARGE_BYTES = 60_000_000;
const PART_BYTES = 65_536;
const STALLED_UPLOADS = 20;

/** Large, slow and compressed bodies. */
export const limitChecks: readonly Check[] = [
  expectAcknowledged({
    name: "limits/mail-of-5-mb",
    sent: "an inbound e-mail of 5 MB",
    source: REQUEST,
    fix: RAISE,
    requests: (secret) => [signRequest(secret, createLargeEmail(LARGE_BYTES))],
  }),
  expectAcknowledged({
    name: "limits/mail-of-29-mb",
    sent: "an inbound e-mail of 29 MB",
    source: REQUEST,
    fix: RAISE,
    restsOn: "limits/mail-of-5-mb",
    requests: (secret) => [signRequest(secret, createLargeEmail(LARGEST_BYTES))],
  }),
  createTooLargeCheck("declared", "a body of 60 MB, declared in content-length", (bytes) => ({
    "content-length": String(bytes),
  })),
  createTooLargeCheck("chunked", "a body of 60 MB, of undeclared length", () => ({
    "transfer-encoding": "chunked",
  })),
  expectAcknowledged({
    name: "limits/slow-upload",
    sent: "a delivery whose body takes half a second to arrive",
    source: contractSource(
      "How it is delivered",
      `each attempt times out after ${contract.attemptTimeoutSeconds} s`,
    ),
    fix: "Wait a few seconds for the whole body: a large e-mail over a slow connection arrives in many chunks.",
    requests: (secret) => [{ ...signRequest(secret), uploadSeconds: 0.5 }],
  }),
  {
    name: "limits/during-stalled-uploads",
    rule: "acknowledges a genuine delivery while other uploads stall",
    sent: `${STALLED_UPLOADS} uploads that stall, and a genuine delivery`,
    expected: "2xx for the genuine one",
    source: REQUEST,
    fix: `Read bodies independently, without a shared lock or a small worker pool. ${STALLED}`,
    restsOn: BASE_CHECK,
    run: async (probe) =>
      withDeadline(probe.settings.attemptTimeoutSeconds, probe.signal, async (signal) => {
        for (let count = 0; count < STALLED_UPLOADS; count += 1)
          void sendUpload(probe.settings, createStalledUpload(probe.secret), signal);
        const exchange = await probe.send(signRequest(probe.secret));
        return (isAcknowledged(exchange) ? pass : fail)(formatExchange(exchange));
      }),
  },
  {
    name: "limits/stalled-upload",
    rule: "cuts off a stalled upload",
    sent: "half of a body, and then nothing more",
    expected: "408 or another refusal, or a closed connection",
    source: REQUEST,
    fix: STALLED,
    restsOn: BASE_CHECK,
    async run({ settings, secret, signal }) {
      const { stallSeconds } = settings;
      const {
        endedByReceiver,
        status,
        error = "",
      } = await withDeadline(stallSeconds, signal, (signal) =>
        sendUpload(settings, createStalledUpload(secret), signal),
      );
      if (!endedByReceiver) return warn(`nothing within ${stallSeconds} s`);
      if (status === undefined) return pass(error);
      return (isSuccess(status) ? fail : pass)(String(status));
    },
  },
  expectRefused({
    name: "limits/compressed",
    sent: "a compressed body",
    source: contractSource("The request", "the signature covers the raw body bytes"),
    fix: `Reply with 415 to any content-encoding without reading the body: 30 KB from a stranger may unpack to ${MAX_MB} MB, and AhaSend does not compress. Express: express.raw({ inflate: false }).`,
    isAdvice: true,
    requests: (secret) => {
      const request = signRequest(secret);
      return [{ ...withHeaders(request, { "content-encoding": "gzip" }), body: gzipSync(request.body) }];
    },
  }),
];

function createTooLargeCheck(
  name: string,
  sent: string,
  length: (bytes: number) => Record<string, string>,
): Check {
  return {
    name: `limits/too-large-${name}`,
    rule: `refuses ${sent}, while it is being sent`,
    sent: `${sent}, with a valid signature`,
    expected: "413, before the whole body was sent",
    source: REQUEST,
    fix: LIMIT,
    restsOn: BASE_CHECK,
    async run(probe) {
      const body = createLargeEmail(TOO_LARGE_BYTES);
      const { headers } = signRequest(probe.secret, body);
      const upload = {
        headers: { ...headers, ...length(body.length) },
        parts: splitIntoParts(body),
        completes: true,
      };
      return checkTooLarge(probe, upload, body.length);
    },
  };
}

async function checkTooLarge(probe: Probe, upload: Upload, bytes: number): Promise<Finding> {
  const { settings, signal } = probe;
  const {
    endedByReceiver,
    status,
    sentBytes,
    error = "",
  } = await withDeadline(settings.attemptTimeoutSeconds, signal, (signal) =>
    sendUpload(settings, upload, signal),
  );
  const isWhole = sentBytes === bytes;
  const observed = `${status ?? error} after ${Math.round(sentBytes / 1e6)} of ${Math.round(bytes / 1e6)} MB`;
  if (!endedByReceiver) {
    return isWhole ? fail(observed) : inconclusive(`${observed}: the connection is too slow to tell`);
  }
  if (status !== undefined && isSuccess(status)) return fail(observed);
  if (isWhole) return warn(observed, READS_ON);
  return status === 413 ? pass(observed) : warn(observed);
}

function* splitIntoParts(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += PART_BYTES)
    yield body.subarray(start, start + PART_BYTES);
}

function createStalledUpload(secret: string): Upload {
  const { headers, body } = signRequest(secret);
  const bytes = Buffer.from(body);
  return {
    headers: { ...headers, "content-length": String(bytes.length) },
    parts: [bytes.subarray(0, bytes.length / 2)],
    completes: false,
  };
}
