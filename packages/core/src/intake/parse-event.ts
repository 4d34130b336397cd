import * as buffer from "node:buffer";
import { TextDecoder } from "node:util";

import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import { type AhaSendEvent, type UnknownEvent, isEventType } from "../events/event.js";

/** Deeper than any event AhaSend sends, shallow enough for every recursive consumer. */
const MAX_DEPTH = 64;

/** From this size on it pays to look for non-ASCII bytes first. */
const LARGE_BYTES = 64 * 1024;

const { message } = REFUSALS.invalid_payload;

// Fatal: a replacement character would hide that bytes were lost. The BOM is kept so that JSON.parse refuses it.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses verified bytes to an event: UTF-8, JSON, envelope. Unknown types and unknown fields are kept; the
 * deprecated type `route.message` becomes `message.routing`.
 *
 * @throws {WebhookError} `invalid_payload`
 */
export function parseEvent(bytes: Uint8Array): AhaSendEvent | UnknownEvent {
  let event: unknown;
  try {
    event = JSON.parse(decode(bytes));
  } catch {
    // No cause: V8 quotes the string it could not parse.
    throw invalid(message.notJson);
  }
  if (!isRecord(event)) throw invalid(message.notObject);
  if (event["type"] === "route.message") event["type"] = "message.routing";
  const { type, data } = event;
  if (typeof type !== "string" || type === "") throw invalid(message.noType);
  if (isDeeperThan(event, MAX_DEPTH)) throw invalid(message.tooDeep(MAX_DEPTH));
  if (isEventType(type) && !isRecord(data)) throw invalid(message.noData);
  return event as unknown as AhaSendEvent | UnknownEvent;
}

/** ASCII, which most large bodies are, is decoded five times as fast as Latin-1. */
function decode(bytes: Uint8Array): string {
  if (bytes.length < LARGE_BYTES || !buffer.isAscii(bytes)) return utf8.decode(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function invalid(reason: string): WebhookError {
  return new WebhookError("invalid_payload", reason);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Own values only: additions to `Object.prototype` are not part of the event. */
function isDeeperThan(value: object, depth: number): boolean {
  // Not a loop over keys: it would create a string for every index.
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (let i = 0; i < children.length; i += 1) {
    const child = children[i];
    if (typeof child === "object" && child !== null && (depth === 1 || isDeeperThan(child, depth - 1)))
      return true;
  }
  return false;
}
