import { type AhaSendEventType, eventTypes } from "@ahasend-webhooks/core";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

import { UsageError, asUsage } from "../exit.js";
import { readText } from "../read-file.js";
import { type Setting, applySettings } from "./set-option.js";

/** Which event is meant. */
export interface EventChoice {
  type: string | undefined;
  /** A file with the body. */
  file?: string;
  set?: readonly Setting[];
}

/**
 * Makes the body of an event: a sample of its type, or what a file holds; as it is when no field is set.
 *
 * @throws {UsageError} when there is no such event
 */
export async function readEventBody({ type, file, set = [] }: EventChoice): Promise<string> {
  if (file === undefined) return createSample(type, set);
  if (type !== undefined) throw new UsageError(`The event is in ${file}: leave out ${type}, or --file.`);
  const text = await readText(file);
  return set.length === 0 ? text : serialize(applySettings(parseEvent(text, file), set));
}

function createSample(type: string | undefined, set: readonly Setting[]): string {
  if (type === undefined)
    throw new UsageError(`There is no event: name one of ${eventTypes.join(", ")}, or give --file.`);
  const sample = asUsage(() => createEvent(type as AhaSendEventType));
  return serialize(applySettings(sample, set));
}

function parseEvent(text: string, file: string): object {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    event = undefined;
  }
  if (typeof event === "object" && event !== null && !Array.isArray(event)) return event;
  throw new UsageError(
    `${file} is no JSON object, so no field can be set: leave out --set to send it as it is.`,
  );
}
