import { path } from "../limits.js";
import type { Piece } from "./piece.js";
import type { Random } from "./random.js";
import { type RequestPlan, createOrderlyRequest, render } from "./requests.js";

/** Header lines that parsers may fail on. */
const lines: ((random: Random) => string)[] = [
  () => " folded: continuation",
  () => "\tfolded",
  () => "no-colon",
  () => ": no-name",
  () => "name : value",
  (random) => `x-${random.pick(["\x00", "\x01", "\x7f", "\xff", " ", "\u00e9"])}: a`,
  (random) => `x-bytes: ${random.bytes(random.int(1, 60))}`,
  () => `x-high: ${"\xe9\xff\x80".repeat(10)}`,
  (random) => `x-long: ${"v".repeat(random.pick([1000, 8000, 17_000, 70_000]))}`,
  () => Array.from({ length: 300 }, (_, index) => `x-${index}: v`).join("\r\n"),
  () => Array.from({ length: 2500 }, () => "a:").join("\r\n"),
  (random) =>
    `Content-Length: ${random.pick(["0", "1", "5", "-1", "+5", "0x10", "1e3", "5, 5", "99999999999999999999", "", "5 5"])}`,
  (random) =>
    `Transfer-Encoding: ${random.pick(["chunked", "gzip, chunked", "chunked, gzip", "identity", "xchunked", " chunked", "CHUNKED", "chunked, chunked", ""])}`,
  (random) => `Expect: ${random.pick(["100-continue", "100-Continue", "200-ok", ""])}`,
  (random) =>
    `Connection: ${random.pick(["close", "keep-alive", "upgrade", "close, keep-alive", "webhook-id", "TE, Trailer"])}`,
  () => "Connection: upgrade\r\nUpgrade: websocket",
  () => "Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
  () => "Upgrade: h2c",
  () => "Trailer: webhook-signature",
  () => "TE: trailers",
  () => "Host: elsewhere",
  () => "Host: ",
  () => "Content-Encoding: gzip",
  () => "__proto__: polluted",
  () => "constructor: x\r\nhasOwnProperty: x\r\ntoString: x\r\nget: x\r\nthen: x",
  () => "Content-Type: application/json; charset=\xff",
  () => "Content-Type: application/x-www-form-urlencoded",
  () => "Cookie: a=b; __proto__=c; =d; ;",
  () => "X-Forwarded-For: ,,,\r\nForwarded: for=\x22",
  () => "X-HTTP-Method-Override: GET",
  () => "WEBHOOK-SIGNATURE: v1,x",
];

/** Headers that must not occur twice, because it is unclear which one was signed. */
const uniqueHeaders = ["webhook-id", "Webhook-Timestamp"];

/** First bytes of clients that do not speak HTTP/1.1. */
const foreignStarts: ((random: Random) => string)[] = [
  () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
  () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  (random) => random.bytes(random.int(1, 3000)),
  () => "\r\n".repeat(50),
  () => "GET /\r\n\r\n",
  () => `POST ${path}\r\n\r\n`,
  () => `POST ${path} HTTP/0.9\r\n\r\n`,
  () => `POST ${path} HTTP/3.0\r\nHost: x\r\n\r\n`,
  () => `post ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
  () => `FROB ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
  () => `CONNECT ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
  () => "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n",
  () => `POST ${path} HTTP/1.1\r\n\r\n`,
  () => `POST ${path} HTTP/1.0\r\n\r\n`,
  () => `POST ${path} HTTP/1.1 extra\r\nHost: x\r\n\r\n`,
  () => `POST  ${path}  HTTP/1.1\r\nHost: x\r\n\r\n`,
  () => `QUERY ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
  () => "POST localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n",
  () => "POST http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
  () => "POST /\xe9\xff HTTP/1.1\r\nHost: x\r\n\r\n",
  () => `OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n`,
];

/** Chunked bodies of a careless or hostile sender. */
const chunkings = [
  "5;extension=value\r\nhello\r\n0\r\n\r\n",
  '5;a="\\"\r\n"\r\nhello\r\n0\r\n\r\n',
  `5;${"e".repeat(20_000)}\r\nhello\r\n0\r\n\r\n`,
  "0\r\nwebhook-id: trailer\r\nContent-Length: 5\r\n\r\n",
  "0\r\nbroken trailer\r\n\r\n",
  "00000000000005\r\nhello\r\n000\r\n\r\n",
  "5\nhello\n0\n\n",
  "-5\r\nhello\r\n0\r\n\r\n",
  "0x5\r\nhello\r\n0\r\n\r\n",
  "fffffffffffffffff\r\nhello",
  "ffffff\r\nhello",
  "5\r\nhelloX\r\n0\r\n\r\n",
  "z\r\n",
  "",
];

/** Creates a request that may be anything: whole, broken, truncated, or not HTTP. */
export function createWildRequest(random: Random, id: string): { pieces: Piece[]; deliveryId?: string } {
  if (random.oneIn(6)) return { pieces: [{ send: random.pick(foreignStarts)(random) }] };
  const plan = createOrderlyRequest(random, id);
  const { deliveryId } = plan;
  const mayRun = deliveryId === undefined ? {} : { deliveryId };
  const [head = { send: "" }, ...rest] = render(random, plan);
  switch (random.int(1, 7)) {
    case 1:
    case 2:
      return { pieces: [withLine(head, random.pick(lines)(random), random), ...rest], ...mayRun };
    case 3:
      return { pieces: [withLine(head, duplicateHeader(random, plan), random), ...rest] };
    case 4:
      return {
        pieces: [replaceFraming(head, "Transfer-Encoding: chunked"), { send: random.pick(chunkings) }],
      };
    case 5:
      return { pieces: [...truncate(random, [head, ...rest])], ...mayRun };
    case 6:
      return { pieces: [corrupt(random, head), ...rest], ...mayRun };
    default:
      return { pieces: [{ send: head.send.replace(" HTTP/1.1\r\n", " HTTP/1.0\r\n") }, ...rest], ...mayRun };
  }
}

function withLine({ send }: Piece, line: string, random: Random): Piece {
  const places = [...send.matchAll(/\r\n(?=.)/g)].map(({ index }) => index + 2);
  const place = random.pick(places);
  return { send: `${send.slice(0, place)}${line}\r\n${send.slice(place)}` };
}

function duplicateHeader(random: Random, { headers }: RequestPlan): string {
  const name = random.pick(uniqueHeaders);
  const value = headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1] ?? "x";
  return `${name}: ${random.pick([value, "x"])}`;
}

function replaceFraming({ send }: Piece, framing: string): Piece {
  return { send: send.replace(/(Content-Length|Transfer-Encoding): .*\r\n\r\n$/, `${framing}\r\n\r\n`) };
}

/** Truncates pieces at a random place. */
function truncate(random: Random, pieces: readonly Piece[]): Piece[] {
  const kept = pieces.slice(0, random.int(1, pieces.length));
  const last = kept.pop() ?? { send: "" };
  return [...kept, { send: last.send.slice(0, random.int(0, last.send.length - 1)) }].filter(
    ({ send }) => send !== "",
  );
}

function corrupt(random: Random, { send }: Piece): Piece {
  const place = random.int(0, send.length - 1);
  return { send: send.slice(0, place) + random.bytes(1) + send.slice(place + random.int(0, 1)) };
}
