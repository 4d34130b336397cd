import { sign } from "@ahasend-webhooks/core";

import { bodySize, eventBody, oddBody } from "./bodies.js";
import { clockMs, handlerPrefix, path, receiverLimits, secret } from "../limits.js";
import { type Piece, countBytes, toBytes } from "./pieces.js";
import type { Random } from "./random.js";

/** A request before it becomes bytes. */
export interface RequestPlan {
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  body: Piece[];
  framing: "length" | "chunked" | "none";
  /** The delivery that a receiver may handle because of it. */
  deliveryId?: string;
}

/** A delivery as AhaSend sends it. */
export function genuine(random: Random, id: string, body = eventBody(random, bodySize(random))): RequestPlan {
  return { ...delivery({ id, body }), deliveryId: id };
}

/** Whole requests of every kind that must be refused, or that are strange and genuine. */
const kinds: ((random: Random, id: string) => RequestPlan)[] = [
  genuine,
  genuine,
  (random, id) => genuine(random, id, oddBody(random)),
  (random, id) => genuine(random, `${random.pick(Object.values(handlerPrefix))}${id}`),
  (random, id) => withHeader(genuine(random, id), ["Content-Type", random.pick(contentTypes)]),
  (random, id) => forged(random, id),
  (random, id) => forged(random, id),
  (random, id) => stale(random, id),
  (random, id) => without(random, delivery({ id, body: eventBody(random) })),
  (random, id) => withHeader(delivery({ id, body: eventBody(random) }), oddHeader(random)),
  (random, id) => delivery({ id, body: eventBody(random, random.int(receiverLimits.maxBodyBytes, 2e6)) }),
  (random, id) => ({ ...genuine(random, id), target: oddTarget(random) }),
  (random, id) => withMethod(random, delivery({ id, body: eventBody(random) })),
];

/** A whole, correctly framed request. */
export function orderlyRequest(random: Random, id: string): RequestPlan {
  const plan = random.pick(kinds)(random, id);
  return plan.framing === "length" && random.oneIn(3) ? { ...plan, framing: "chunked" } : plan;
}

interface DeliveryPlan {
  id: string;
  body: Piece[];
  timestamp?: string;
  key?: string;
}

function delivery({ id, body, timestamp = String(clockMs / 1000), key = secret }: DeliveryPlan): RequestPlan {
  const headers: RequestPlan["headers"] = [
    ["Host", "localhost"],
    ["Content-Type", "application/json"],
    ["webhook-id", id],
    ["webhook-timestamp", timestamp],
    ["webhook-signature", sign({ secret: key, id, timestamp, body: toBytes(body) })],
  ];
  return { method: "POST", target: path, version: "1.1", headers, body, framing: "length" };
}

function forged(random: Random, id: string): RequestPlan {
  const body = eventBody(random, bodySize(random));
  const plan = delivery({ id, body });
  const valid = plan.headers.find(([name]) => name === "webhook-signature")?.[1] ?? "";
  const stranger = sign({ secret: `${secret}-not`, id, timestamp: clockMs / 1000, body: toBytes(body) });
  const signature = random.pick([
    stranger,
    flipped(random, valid),
    `${stranger} ${flipped(random, valid)}`,
    valid.replace("v1,", "v1a,"),
    valid.replace("v1,", "V1,"),
    valid.replace(/=$/, ""),
    `${valid}=`,
    valid.replace(",", ", "),
    Array.from({ length: 16 }, () => stranger).join(" "),
    Array.from({ length: 40 }, () => stranger).join(" "),
    `v1a,${Buffer.from(random.bytes(64), "latin1").toString("base64")}`,
    "v1,",
    " ".repeat(random.int(1, 20)),
    random.bytes(40).replaceAll(/[^\x20-\x7e\x80-\xff]/g, "?"),
    "v".repeat(5000),
  ]);
  return withHeader(plan, ["webhook-signature", signature]);
}

/** Another character in the place of one that is decoded: the last one before the padding has two idle bits. */
function flipped(random: Random, signature: string): string {
  const place = random.int(3, signature.length - 3);
  const other = signature[place] === "A" ? "B" : "A";
  return signature.slice(0, place) + other + signature.slice(place + 1);
}

function stale(random: Random, id: string): RequestPlan {
  const seconds = clockMs / 1000;
  const timestamp = random.pick([
    String(seconds - 301),
    String(seconds + 301),
    `${seconds}.0`,
    `+${seconds}`,
    `0${seconds}`,
    String(clockMs),
    "1e9",
    "NaN",
    "-1",
    "9".repeat(400),
  ]);
  return delivery({ id, body: eventBody(random), timestamp });
}

function without(random: Random, plan: RequestPlan): RequestPlan {
  const name = random.pick(["webhook-id", "webhook-timestamp", "webhook-signature"]);
  return { ...plan, headers: plan.headers.filter(([other]) => other !== name) };
}

function oddHeader(random: Random): [string, string] {
  return random.pick<[string, string]>([
    ["webhook-id", random.bytes(20).replaceAll(/[^\x80-\xff]/g, "\xe9")],
    ["webhook-id", "i".repeat(random.int(256, 3000))],
    ["webhook-id", "two words"],
    ["Content-Encoding", random.pick(["gzip", "br", "identity, gzip", "x".repeat(300), "\xff"])],
  ]);
}

/** Of no interest to a receiver: the delivery stays genuine. */
const contentTypes = ["multipart/form-data", "application/json; charset=nonsense", "text/plain", "", "/;;="];

const targets = [
  "/",
  "//",
  `${path}/`,
  `/${path}`,
  `${path}/..`,
  `/x/..${path}`,
  path.toUpperCase(),
  `${path}?a=1&a=2&__proto__=3`,
  `${path}?%`,
  `${path}#fragment`,
  `${path};x=1`,
  `${path}%`,
  `${path}%00`,
  `/webhooks/ahasen%64`,
  `/webhooks%2fahasend`,
  "/%E0%A4%A",
  "/%c0%ae%c0%ae/",
  `http://localhost${path}`,
  `http://elsewhere.example:99999${path}`,
  "*",
  `/${"a".repeat(9000)}`,
  `${path}?${"q".repeat(9000)}`,
];

function oddTarget(random: Random): string {
  return random.pick(targets);
}

function withMethod(random: Random, plan: RequestPlan): RequestPlan {
  const method = random.pick(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]);
  const bare = random.oneIn(2);
  const target = random.oneIn(4) ? oddTarget(random) : path;
  return { ...plan, method, target, ...(bare && { body: [], framing: "none" as const }) };
}

function withHeader(plan: RequestPlan, [name, value]: [string, string]): RequestPlan {
  const others = plan.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...plan, headers: [...others, [name, value]] };
}

/** A request as bytes, its body in chunks of random sizes where that is its framing. */
export function render(random: Random, plan: RequestPlan): Piece[] {
  const { method, target, version, headers, body, framing } = plan;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  if (framing === "length") lines.push(`Content-Length: ${countBytes(body)}\r\n`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked\r\n");
  const head = { send: `${method} ${target} HTTP/${version}\r\n${lines.join("")}\r\n` };
  if (framing === "none") return [head];
  return framing === "length" ? [head, ...body] : [head, ...chunks(random, body), { send: "0\r\n\r\n" }];
}

function chunks(random: Random, body: readonly Piece[]): Piece[] {
  return body.flatMap(({ send, times }) => {
    const parts = times === undefined ? random.split(send, random.int(0, 4)) : [send];
    return parts.map((part) => ({
      send: `${part.length.toString(16)}\r\n${part}\r\n`,
      ...(times !== undefined && { times }),
    }));
  });
}
