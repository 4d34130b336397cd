import { sign } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

import { pickBodySize, createEventBody, createOddBody } from "./bodies.js";
import { clockMs, handlerPrefix, path, receiverLimits, secret } from "../limits.js";
import { type Piece, countBytes, toBytes } from "./piece.js";
import type { Random } from "./random.js";
import { pickOddTarget } from "./targets.js";

/** A request before it becomes bytes. */
export interface RequestPlan {
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  body: Piece[];
  framing: "length" | "chunked" | "none";
  /** The id of the delivery that a receiver may handle. */
  deliveryId?: string;
}

/** Creates a delivery as AhaSend sends it. */
export function createGenuine(
  random: Random,
  id: string,
  body = createEventBody(random, pickBodySize(random)),
): RequestPlan {
  return { ...createDelivery({ id, body }), deliveryId: id };
}

/** Whole requests: genuine, strange but genuine, or to be refused. */
const kinds: ((random: Random, id: string) => RequestPlan)[] = [
  createGenuine,
  createGenuine,
  (random, id) => createGenuine(random, id, createOddBody(random)),
  (random, id) => createGenuine(random, `${random.pick(Object.values(handlerPrefix))}${id}`),
  (random, id) => withHeader(createGenuine(random, id), ["Content-Type", random.pick(contentTypes)]),
  (random, id) => createForged(random, id),
  (random, id) => createForged(random, id),
  (random, id) => createStale(random, id),
  (random, id) => dropHeader(random, createDelivery({ id, body: createEventBody(random) })),
  (random, id) => withHeader(createDelivery({ id, body: createEventBody(random) }), createOddHeader(random)),
  (random, id) =>
    createDelivery({ id, body: createEventBody(random, random.int(receiverLimits.maxBodyBytes, 2e6)) }),
  (random, id) => ({ ...createGenuine(random, id), target: pickOddTarget(random) }),
  (random, id) => withMethod(random, createDelivery({ id, body: createEventBody(random) })),
];

/** Creates a whole, correctly framed request. */
export function createOrderlyRequest(random: Random, id: string): RequestPlan {
  const plan = random.pick(kinds)(random, id);
  return plan.framing === "length" && random.oneIn(3) ? { ...plan, framing: "chunked" } : plan;
}

interface DeliveryPlan {
  id: string;
  body: Piece[];
  timestamp?: string;
  key?: string;
}

function createDelivery({
  id,
  body,
  timestamp = String(clockMs / 1000),
  key = secret,
}: DeliveryPlan): RequestPlan {
  const headers: RequestPlan["headers"] = [
    ["Host", "localhost"],
    ["Content-Type", "application/json"],
    ["webhook-id", id],
    ["webhook-timestamp", timestamp],
    ["webhook-signature", sign({ secret: key, id, timestamp, body: toBytes(body) })],
  ];
  return { method: "POST", target: path, version: "1.1", headers, body, framing: "length" };
}

function createForged(random: Random, id: string): RequestPlan {
  const body = createEventBody(random, pickBodySize(random));
  const plan = createDelivery({ id, body });
  const valid = plan.headers.find(([name]) => name === "webhook-signature")?.[1] ?? "";
  const otherSignature = sign({
    secret: `${secret}-not`,
    id,
    timestamp: clockMs / 1000,
    body: toBytes(body),
  });
  const signature = random.pick([
    otherSignature,
    flipCharacter(random, valid),
    `${otherSignature} ${flipCharacter(random, valid)}`,
    valid.replace("v1,", "v1a,"),
    valid.replace("v1,", "V1,"),
    valid.replace(/=$/, ""),
    `${valid}=`,
    valid.replace(",", ", "),
    Array.from({ length: 16 }, () => otherSignature).join(" "),
    Array.from({ length: 40 }, () => otherSignature).join(" "),
    `v1a,${Buffer.from(random.bytes(64), "latin1").toString("base64")}`,
    "v1,",
    " ".repeat(random.int(1, 20)),
    random.bytes(40).replaceAll(/[^\x20-\x7e\x80-\xff]/g, "?"),
    "v".repeat(5000),
  ]);
  return withHeader(plan, ["webhook-signature", signature]);
}

/** Replaces a character, but not the last one before the padding: two of its bits are not decoded. */
function flipCharacter(random: Random, signature: string): string {
  const place = random.int(3, signature.length - 3);
  const other = signature[place] === "A" ? "B" : "A";
  return signature.slice(0, place) + other + signature.slice(place + 1);
}

function createStale(random: Random, id: string): RequestPlan {
  const seconds = clockMs / 1000;
  const timestamp = random.pick([
    String(seconds - contract.toleranceSeconds - 1),
    String(seconds + contract.toleranceSeconds + 1),
    `${seconds}.0`,
    `+${seconds}`,
    `0${seconds}`,
    String(clockMs),
    "1e9",
    "NaN",
    "-1",
    "9".repeat(400),
  ]);
  return createDelivery({ id, body: createEventBody(random), timestamp });
}

function dropHeader(random: Random, plan: RequestPlan): RequestPlan {
  const name = random.pick(["webhook-id", "webhook-timestamp", "webhook-signature"]);
  return { ...plan, headers: plan.headers.filter(([other]) => other !== name) };
}

function createOddHeader(random: Random): [string, string] {
  return random.pick<[string, string]>([
    ["webhook-id", random.bytes(20).replaceAll(/[^\x80-\xff]/g, "\xe9")],
    ["webhook-id", "i".repeat(random.int(256, 3000))],
    ["webhook-id", "two words"],
    ["Content-Encoding", random.pick(["gzip", "br", "identity, gzip", "x".repeat(300), "\xff"])],
  ]);
}

/** Receivers ignore the content type: the delivery stays genuine. */
const contentTypes = ["multipart/form-data", "application/json; charset=nonsense", "text/plain", "", "/;;="];

function withMethod(random: Random, plan: RequestPlan): RequestPlan {
  const method = random.pick(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]);
  const bare = random.oneIn(2);
  const target = random.oneIn(4) ? pickOddTarget(random) : path;
  return { ...plan, method, target, ...(bare && { body: [], framing: "none" as const }) };
}

function withHeader(plan: RequestPlan, [name, value]: [string, string]): RequestPlan {
  const others = plan.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...plan, headers: [...others, [name, value]] };
}

/** Renders a request as bytes, with chunks of random sizes if its framing is chunked. */
export function render(random: Random, plan: RequestPlan): Piece[] {
  const { method, target, version, headers, body, framing } = plan;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  if (framing === "length") lines.push(`Content-Length: ${countBytes(body)}\r\n`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked\r\n");
  const head = { send: `${method} ${target} HTTP/${version}\r\n${lines.join("")}\r\n` };
  if (framing === "none") return [head];
  return framing === "length"
    ? [head, ...body]
    : [head, ...splitIntoChunks(random, body), { send: "0\r\n\r\n" }];
}

function splitIntoChunks(random: Random, body: readonly Piece[]): Piece[] {
  return body.flatMap(({ send, times }) => {
    const parts = times === undefined ? random.split(send, random.int(0, 4)) : [send];
    return parts.map((part) => ({
      send: `${part.length.toString(16)}\r\n${part}\r\n`,
      ...(times !== undefined && { times }),
    }));
  });
}
