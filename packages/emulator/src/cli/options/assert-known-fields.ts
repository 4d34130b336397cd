import { eventTypes, findClosest } from "@ahasend-webhooks/core";
import { listEventFields } from "@ahasend-webhooks/testing";

import { UsageError } from "../exit.js";
import type { Setting } from "./set-option.js";

/**
 * Validates that an event has the fields of `--set`: those that are documented for its type, and those that are in it.
 *
 * @throws {UsageError} for any other field, which is probably misspelt, and for a string in place of a number or boolean
 */
export function assertKnownFields(event: object, settings: readonly Setting[]): void {
  const { type } = event as { type?: unknown };
  const documentedType = eventTypes.find((each) => each === type);
  const documented = documentedType === undefined ? [] : listEventFields(documentedType);
  const known = [...documented, ...listPaths(event)];
  for (const { path, isJson } of settings) {
    const field = path.join(".");
    const current = path.reduce<unknown>(
      (parent, name) => (parent as Record<string, unknown> | undefined)?.[name],
      event,
    );
    if (!isJson && (typeof current === "number" || typeof current === "boolean")) {
      throw new UsageError(
        `${field} is a ${typeof current}, and = sets a string: use ${field}:=${JSON.stringify(current)}, or :="…" for a string.`,
      );
    }
    // Inbound e-mails have headers of any name.
    if (known.includes(field) || /^data\.headers\.[^.]+$/.test(field)) continue;
    const meant = findMeant(path, known);
    throw new UsageError(
      `${field} is not a field of ${documentedType ?? "the event"}: ${meant === undefined ? "check its path." : `did you mean ${meant}?`} Use --add for a new field.`,
    );
  }
}

/** Lists the paths of an object's fields, and of the objects in it. */
function listPaths(fields: object, prefix = ""): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const path = `${prefix}${name}`;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? [path, ...listPaths(value, `${path}.`)] : [path];
  });
}

/** Finds the field with a similar name, best in the same object. */
function findMeant(path: readonly string[], known: readonly string[]): string | undefined {
  const parent = path.slice(0, -1).join(".");
  const siblings = known.filter((field) => field.split(".").slice(0, -1).join(".") === parent);
  for (const fields of [siblings, known]) {
    const names = fields.map((field) => field.split(".").at(-1) ?? "");
    const meant = findClosest(path.at(-1) ?? "", names);
    if (meant !== undefined) return fields[names.indexOf(meant)];
  }
  return undefined;
}
