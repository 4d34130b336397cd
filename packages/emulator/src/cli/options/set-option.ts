import { InvalidArgumentError, Option } from "commander";

import { UsageError } from "../exit.js";
import { repeatable } from "./shared-options.js";

/** A field that gets another value. */
export interface Setting {
  path: readonly string[];
  value: unknown;
}

/** `--set`, as often as needed: a list of {@link Setting}. */
export function setOption(): Option {
  return new Option(
    "--set <field=text>",
    "set a field, such as data.recipient=x@y.z; field:=json for other than texts",
  ).argParser(repeatable(parseSetting));
}

/**
 * A copy of an event with some fields set. What is missing on the way to a field is made.
 *
 * @throws {UsageError} when there is something else than an object on the way
 */
export function applySettings(event: object, settings: readonly Setting[]): Record<string, unknown> {
  const copy = structuredClone(event) as Record<string, unknown>;
  for (const { path, value } of settings) {
    let target = copy;
    for (const name of path.slice(0, -1)) {
      const next = (Object.hasOwn(target, name) ? target[name] : undefined) ?? {};
      if (typeof next !== "object") {
        throw new UsageError(`${name} is no object, so ${path.join(".")} cannot be set: set ${name} itself.`);
      }
      defineField(target, name, next);
      target = next as Record<string, unknown>;
    }
    defineField(target, path.at(-1) ?? "", value);
  }
  return copy;
}

/** Sets a field of any name: `__proto__`, too, is a field. */
function defineField(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

function parseSetting(text: string): Setting {
  const [, field = "", separator, value = ""] = /^([^:=]+)(:?=)(.*)$/s.exec(text) ?? [];
  const path = field.split(".");
  if (separator === undefined || path.includes("")) {
    throw new InvalidArgumentError("Write it as data.recipient=x@y.z, or as data.is_bot:=true.");
  }
  if (separator === "=") return { path, value };
  try {
    return { path, value: JSON.parse(value) as unknown };
  } catch {
    throw new InvalidArgumentError(`What follows := is no JSON: for a text write ${field}=${value}.`);
  }
}
