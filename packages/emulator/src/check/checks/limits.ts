import { gzipSync } from "node:zlib";

import { type Check, FIRST_CHECK, type Finding, failed, passed, unknown, warned } from "../check.js";
import { contract } from "../contract-source.js";
import { withDeadline } from "../probe/with-deadline.js";
import { inWords, isAcknowledged, isSuccess } from "../probe/exchange.js";
import { largeMail, signed, withHeaders } from "../probe/check-request.js";
import { type Upload, pour } from "../probe/upload.js";
import type { Probe } from "../probe/probe.js";
import { acknowledges, refuses } from "./request-check.js";

const REQUEST = contract("“The request”: accept up to 30,000,000 bytes, refuse more with 413 while reading");
const RAISE =
  "Let the route take 30 MB: inbound mail carries its attachments in base64. Express: express.raw({ limit: 30_000_000 }). Fastify: bodyLimit. nginx: client_max_body_size. If no route of AhaSend delivers here, skip this check.";
const LIMIT =
  "Refuse with 413 as soon as content-length, or what was read, is over 30 MB, and close the connection: or a stranger, who needs no signature for it, fills your memory.";
const READS_ON =
  "Refuse it while it is read: Express's own error handler, for one, reads the rest before it answers, so answer 413 with connection: close in an error handler of your own.";
const STALLED =
  "Give a body a time limit: server.requestTimeout = 15_000 with node:http and Express (Node's own is 5 minutes), requestTimeout on Fastify, client_body_timeout in nginx.";

const LARGE_BYTES = 5_000_000;
const LARGEST_BYTES = 29_000_000;
const TOO_LARGE_BYTES = 60_000_000;
const PART_BYTES = 65_536;
const STALLED_UPLOADS = 20;

/** What must become of bodies that are large, slow or compressed. */
export const limitChecks: readonly Check[] = [
  acknowledges({
    name: "limits/mail-of-5-mb",
    sent: "an inbound mail of 5 MB",
    source: REQUEST,
    cure: RAISE,
    messages: (secret) => [signed(secret, largeMail(LARGE_BYTES))],
  }),
  acknowledges({
    name: "limits/mail-of-29-mb",
    sent: "an inbound mail of 29 MB",
    source: REQUEST,
    cure: RAISE,
    restsOn: "limits/mail-of-5-mb",
    messages: (secret) => [signed(secret, largeMail(LARGEST_BYTES))],
  }),
  tooLarge("declared", "a body of 60 MB, declared by content-length", (bytes) => ({
    "content-length": String(bytes),
  })),
  tooLarge("chunked", "a body of 60 MB, of undeclared length", () => ({ "transfer-encoding": "chunked" })),
  acknowledges({
    name: "limits/slow-upload",
    sent: "a delivery whose body takes half a second to come",
    source: contract("“How it is delivered”: an attempt may take 5 s"),
    cure: "Wait for the whole body, up to some seconds: a large mail over a slow line comes in many pieces.",
    messages: (secret) => [{ ...signed(secret), uploadSeconds: 0.5 }],
  }),
  {
    name: "limits/stalled-uploads-beside-it",
    rule: "acknowledges a genuine delivery while uploads have come to a halt",
    sent: `${STALLED_UPLOADS} uploads that come to a halt, and a genuine delivery`,
    expected: "2xx for the genuine one",
    source: REQUEST,
    cure: `Read each body on its own, without a common lock or a small pool of workers. ${STALLED}`,
    restsOn: FIRST_CHECK,
    run: async (probe) =>
      withDeadline(probe.settings.attemptTimeoutSeconds, probe.signal, async (signal) => {
        for (let begun = 0; begun < STALLED_UPLOADS; begun += 1)
          void pour(probe.settings, stalledUpload(probe.secret), signal);
        const exchange = await probe.send(signed(probe.secret));
        return (isAcknowledged(exchange) ? passed : failed)(inWords(exchange));
      }),
  },
  {
    name: "limits/stalled-upload",
    rule: "cuts off an upload that has come to a halt",
    sent: "half of a body, and then nothing",
    expected: "408 or another refusal, or the end of the connection",
    source: REQUEST,
    cure: STALLED,
    restsOn: FIRST_CHECK,
    async run({ settings, secret, signal }) {
      const { stallSeconds } = settings;
      const {
        isOver,
        status,
        error = "",
      } = await withDeadline(stallSeconds, signal, (signal) => pour(settings, stalledUpload(secret), signal));
      if (!isOver) return warned(`nothing within ${stallSeconds} s`);
      if (status === undefined) return passed(error);
      return (isSuccess(status) ? failed : passed)(String(status));
    },
  },
  refuses({
    name: "limits/compressed",
    sent: "a compressed body",
    source: contract("“The request”: AhaSend does not compress"),
    cure: "Answer 415 to any content-encoding, unread: what a stranger sends in 30 KB may unpack to 30 MB. Express: express.raw({ inflate: false }).",
    isAdvice: true,
    messages: (secret) => {
      const message = signed(secret);
      return [{ ...withHeaders(message, { "content-encoding": "gzip" }), body: gzipSync(message.body) }];
    },
  }),
];

function tooLarge(name: string, sent: string, length: (bytes: number) => Record<string, string>): Check {
  return {
    name: `limits/too-large-${name}`,
    rule: `refuses ${sent}, before it is there`,
    sent: `${sent}, rightly signed`,
    expected: "413, before the whole body was sent",
    source: REQUEST,
    cure: LIMIT,
    restsOn: FIRST_CHECK,
    async run(probe) {
      const body = largeMail(TOO_LARGE_BYTES);
      const { headers } = signed(probe.secret, body);
      const upload = { headers: { ...headers, ...length(body.length) }, parts: partsOf(body), ends: true };
      return judgeTooLarge(probe, upload, body.length);
    },
  };
}

async function judgeTooLarge(probe: Probe, upload: Upload, bytes: number): Promise<Finding> {
  const { settings, signal } = probe;
  const {
    isOver,
    status,
    sentBytes,
    error = "",
  } = await withDeadline(settings.attemptTimeoutSeconds, signal, (signal) => pour(settings, upload, signal));
  const isWhole = sentBytes === bytes;
  const came = `${status ?? error} after ${Math.round(sentBytes / 1e6)} of ${Math.round(bytes / 1e6)} MB`;
  if (!isOver) return isWhole ? failed(came) : unknown(`${came}: the line is too slow for it`);
  if (status !== undefined && isSuccess(status)) return failed(came);
  if (isWhole) return warned(came, READS_ON);
  return status === 413 ? passed(came) : warned(came);
}

function* partsOf(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += PART_BYTES)
    yield body.subarray(start, start + PART_BYTES);
}

function stalledUpload(secret: string): Upload {
  const { headers, body } = signed(secret);
  const bytes = Buffer.from(body);
  return {
    headers: { ...headers, "content-length": String(bytes.length) },
    parts: [bytes.subarray(0, bytes.length / 2)],
    ends: false,
  };
}
