import { type AhaSendEventType, eventTypes } from "@ahasend-webhooks/core";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

import { UsageError, asUsage } from "../exit.js";
import { readText } from "../read-file.js";
import { type Setting, applySettings } from "./set-option.js";

/** The event that the user chose. */
export interface EventChoice {
  type: string | undefined;
  /** The path of a file with the body. */
  file?: string;
  set?: readonly Setting[];
}

/**
 * Returns the body of an event: a sample of its type, or a file, which stays untouched unless fields are set.
 *
 * @throws {UsageError} when the type is unknown, or the file cannot be used
 */
export async function readEventBody({ type, file, set = [] }: EventChoice): Promise<string> {
  if (file === undefined) return createSample(type, set);
  if (type !== undefined)
    throw new UsageError(`Specify either the type ${type} or --file ${file}, not both.`);
  const text = await readText(file);
  return set.length === 0 ? text : serialize(applySettings(parseEvent(text, file), set));
}

function createSample(type: string | undefined, set: readonly Setting[]): string {
  if (type === undefined)
    throw new UsageError(`No event was specified: use one of ${eventTypes.join(", ")}, or --file.`);
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
    `${file} is not a JSON object, so --set cannot change its fields: omit --set to send it unchanged.`,
  );
}
