import { receiverLimits } from "../limits.js";
import type { Piece } from "./piece.js";
import type { Random } from "./random.js";

/** Creates an event with only the fields that receivers read. */
const createEnvelope = (data: string, type = "message.opened") =>
  `{"type":"${type}","timestamp":"2026-07-14T15:03:20Z","data":${data}}`;

const FILLER = "x".repeat(1000);

/** Creates the body of a genuine event, padded to `bytes` if it is smaller. */
export function createEventBody(random: Random, bytes = 0): Piece[] {
  const type = random.pick(["message.reception", "message.bounced", "message.opened"]);
  const event = createEnvelope(
    `{"id":"message-${random.int(1, 1e6)}","subject":"Rechnung f\xc3\xbcr Juli"}`,
    type,
  );
  if (bytes <= event.length + FILLER.length) return [{ send: event }];
  const head = `${event.slice(0, -1)},"filler":"`;
  const missing = bytes - head.length - 2;
  const times = Math.floor(missing / FILLER.length);
  const rest = "x".repeat(missing % FILLER.length);
  return [{ send: head }, { send: FILLER, times }, { send: `${rest}"}` }];
}

/** Picks a size: mostly that of an event, sometimes that of an e-mail, up to the largest accepted. */
export function pickBodySize(random: Random): number {
  return random.pick([0, 0, 0, 5000, 60_000, 70_000, 150_000, receiverLimits.maxBodyBytes]);
}

/** Bodies that a sender could sign and that a parser could fail on. */
const oddBodies: ((random: Random) => Piece[])[] = [
  () => [],
  () => [{ send: `\xef\xbb\xbf${createEnvelope("{}")}` }],
  () => [{ send: createEnvelope('{"id":"\xff\xfe\xc0\x80"}') }],
  () => [{ send: createEnvelope('{"id":"\xed\xa0\x80"}') }],
  () => [{ send: createEnvelope(String.raw`{"id":"\ud800","\udfff":"\u0000"}`) }],
  () => [{ send: createEnvelope('{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}') }],
  () => [{ send: '{"__proto__":{"type":"message.opened"},"type":{"toString":1},"data":{}}' }],
  () => [{ send: createEnvelope('{"id":1e999,"n":-0,"big":12345678901234567890123456789}') }],
  (random) => createNested("[", "]", random.int(1, 60_000)),
  (random) => createNested('{"a":', "}", random.int(1, 20_000), "1"),
  (random) => [
    { send: '{"type":"message.opened","timestamp":"2026-07-14T15:03:20Z","data":{"list":[' },
    { send: "1,", times: random.int(1, 150_000) },
    { send: "1]}}" },
  ],
  (random) => [
    { send: createEnvelope(`{"text":"${random.bytes(200).replaceAll(/[^ !#-[\]-\xff]/g, " ")}"}`) },
  ],
  (random) => [{ send: random.bytes(random.int(1, 2000)) }],
  () => [{ send: "null" }],
  () => [{ send: "[]" }],
  () => [{ send: '{"type":"message.opened"}' }],
  () => [{ send: '{"type":"no.such.type\\r\\nforged log line","timestamp":"x","data":null}' }],
  () => [{ send: `{"type":"${"t".repeat(5000)}","timestamp":"2026-07-14T15:03:20Z","data":{}}` }],
  () => [{ send: `${createEnvelope("{}")}\n` }],
  () => [{ send: `${createEnvelope("{}")}{}` }],
];

/** Creates a strange body for a correctly signed delivery. */
export function createOddBody(random: Random): Piece[] {
  return random.pick(oddBodies)(random);
}

function createNested(open: string, close: string, depth: number, inner = ""): Piece[] {
  const start = '{"type":"message.opened","timestamp":"2026-07-14T15:03:20Z","data":{"a":';
  return [
    { send: start },
    { send: open, times: depth },
    { send: inner },
    { send: close, times: depth },
    { send: "}}" },
  ].filter(({ send }) => send !== "");
}
