import { InvalidArgumentError, Option } from "commander";

import { UsageError } from "../exit.js";
import { repeatable } from "./shared-options.js";

/** A field and its new value. */
export interface Setting {
  path: readonly string[];
  value: unknown;
  /** It was set with `:=`. */
  isJson: boolean;
}

/** Creates the repeatable option `--set`: a list of {@link Setting}. */
export function setOption(): Option {
  return new Option(
    "--set <field=value>",
    "set a field, such as data.recipient=x@y.z; use := for JSON, such as data.is_bot:=true (repeatable)",
  ).argParser(repeatable(parseSetting));
}

/** Creates the repeatable option `--add`: a list of {@link Setting} of fields that AhaSend does not document. */
export function addOption(): Option {
  return new Option(
    "--add <field=value>",
    "add a field that AhaSend does not send yet, in the form of --set (repeatable)",
  ).argParser(repeatable(parseSetting));
}

/**
 * Returns a copy of an event with some fields set. Creates missing objects on the path.
 *
 * @throws {UsageError} when a value on the path is not an object
 */
export function applySettings(event: object, settings: readonly Setting[]): Record<string, unknown> {
  const copy = structuredClone(event) as Record<string, unknown>;
  for (const { path, value } of settings) {
    let target = copy;
    for (const name of path.slice(0, -1)) {
      const next = (Object.hasOwn(target, name) ? target[name] : undefined) ?? {};
      if (typeof next !== "object") {
        throw new UsageError(
          `${path.join(".")} cannot be set because ${name} is not an object: set ${name} instead.`,
        );
      }
      defineField(target, name, next);
      target = next as Record<string, unknown>;
    }
    defineField(target, path.at(-1) ?? "", value);
  }
  return copy;
}

/** Sets a field of any name, even `__proto__`. */
function defineField(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * Parses a setting: `data.recipient=x@y.z` for a string, or `data.is_bot:=true` for JSON.
 *
 * @throws {InvalidArgumentError}
 */
export function parseSetting(text: string): Setting {
  const [, field = "", separator, value = ""] = /^([^:=]+)(:?=)(.*)$/s.exec(text) ?? [];
  const path = field.split(".");
  if (separator === undefined || path.includes("")) {
    throw new InvalidArgumentError("It must have the form data.recipient=x@y.z or data.is_bot:=true.");
  }
  if (separator === "=") return { path, value, isJson: false };
  try {
    return { path, value: JSON.parse(value) as unknown, isJson: true };
  } catch {
    throw new InvalidArgumentError(`The value after := must be JSON: for a string, use ${field}=${value}.`);
  }
}
