import { type AhaSendEventType, eventTypes } from "@ahasend-webhooks/core";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

import { UsageError, asUsage } from "../exit.js";
import { readText } from "../read-file.js";
import { assertKnownFields } from "./assert-known-fields.js";
import { type Setting, applySettings } from "./set-option.js";

/** The event that the user chose. */
export interface EventChoice {
  type: string | undefined;
  /** The path of a file with the body. */
  file?: string;
  set?: readonly Setting[];
  add?: readonly Setting[];
}

/**
 * Returns the body of an event: a sample of its type, or a file, which stays untouched unless fields are set.
 *
 * @throws {UsageError} when the type or a field is unknown, or the file cannot be used
 */
export async function readEventBody({ type, file, set = [], add = [] }: EventChoice): Promise<string> {
  if (file === undefined) return serialize(changeFields(createSample(type), set, add));
  if (type !== undefined)
    throw new UsageError(`Specify either the type ${type} or --file ${file}, not both.`);
  const text = await readText(file);
  if (text === "") {
    throw new UsageError(
      file === "-"
        ? "stdin is empty: pipe the body into the command, or use a type instead of --file."
        : `${file} is empty: use a file with a body, or a type instead of --file.`,
    );
  }
  return set.length + add.length === 0 ? text : serialize(changeFields(parseEvent(text, file), set, add));
}

function changeFields(event: object, set: readonly Setting[], add: readonly Setting[]): object {
  assertKnownFields(event, set);
  return applySettings(event, [...set, ...add]);
}

function createSample(type: string | undefined): object {
  if (type === undefined)
    throw new UsageError(`No event was specified: use one of ${eventTypes.join(", ")}, or --file.`);
  return asUsage(() => createEvent(type as AhaSendEventType));
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
    `${file} is not a JSON object, so --set and --add cannot change its fields: omit them to send it unchanged.`,
  );
}
