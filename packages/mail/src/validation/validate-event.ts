import { type AhaSendEventType, type EventIssue, eventTypes } from "@ahasend-webhooks/core";

import { type FieldType, type Fields, dataFields, envelopeFields } from "./fields.js";

/** Enough to see what is wrong with a list of a hundred thousand attachments. */
const MAX_ISSUES = 50;

/**
 * Returns which documented fields of an event are missing or of another type; an empty list if there are none. Unknown fields and
 * unknown event types are not issues: AhaSend adds both without notice. At most 50 issues, without values of the event.
 *
 * Do not refuse an event because of its issues: it would fail at every attempt. As the option `validate` of a receiver, the
 * function reports them to `onOutcome` and changes nothing else.
 *
 * Source: the contract, "The envelope" to "`data` of `message.routing`". Throws nothing, whatever it gets.
 *
 * @example
 * createReceiver({ secret, on, validate: validateEvent });
 */
export function validateEvent(event: unknown): EventIssue[] {
  const issues: EventIssue[] = [];
  if (!isRecord(event)) return [{ message: "must be an object", path: [] }];
  checkFields(event, envelopeFields, [], issues);
  const type = toCurrentType(readField(event, "type"));
  if (isEventType(type)) {
    const data = readField(event, "data");
    if (isRecord(data)) checkFields(data, dataFields[type], ["data"], issues);
    else issues.push({ message: "must be an object", path: ["data"] });
  }
  return issues.slice(0, MAX_ISSUES);
}

type Path = EventIssue["path"];

function checkFields(value: object, fields: Fields, path: Path, issues: EventIssue[]): void {
  for (const [name, field] of Object.entries(fields)) {
    const child = readField(value, name);
    const childPath = [...path, name];
    if (typeof field === "string") checkField(child, field, childPath, issues);
    else if ("optionalObject" in field) {
      if (isRecord(child)) checkFields(child, field.optionalObject, childPath, issues);
      else if (child !== undefined && child !== null)
        issues.push(toIssue("an object or null", child, childPath));
    } else if (child !== null) checkList(child, field.nullableList, childPath, issues);
  }
}

function checkList(value: unknown, fields: Fields, path: Path, issues: EventIssue[]): void {
  if (!Array.isArray(value)) {
    issues.push(toIssue("an array or null", value, path));
    return;
  }
  for (const [index, item] of value.entries()) {
    if (issues.length >= MAX_ISSUES) return;
    if (isRecord(item)) checkFields(item, fields, [...path, index], issues);
    else issues.push(toIssue("an object", item, [...path, index]));
  }
}

function checkField(value: unknown, field: FieldType, path: Path, issues: EventIssue[]): void {
  if (field.startsWith("=")) {
    if (value !== field.slice(1)) issues.push(toIssue(JSON.stringify(field.slice(1)), value, path));
    return;
  }
  const isOptional = field.endsWith("?");
  if (isOptional && value === undefined) return;
  const expected = isOptional ? field.slice(0, -1) : field;
  if (expected !== "strings") {
    // oxlint-disable-next-line valid-typeof -- the table has names of types
    if (typeof value !== expected) issues.push(toIssue(`a ${expected}`, value, path));
  } else if (!isRecord(value) || Object.values(value).some((header) => typeof header !== "string")) {
    issues.push(toIssue("an object of strings", value, path));
  }
}

function toIssue(expected: string, value: unknown, path: Path): EventIssue {
  return {
    message: value === undefined ? `is missing: ${expected} is documented` : `must be ${expected}`,
    path,
  };
}

/** Own fields only: an event has no prototype of its own. */
function readField(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The deprecated name of `message.routing` has the same payload. */
function toCurrentType(type: unknown): unknown {
  return type === "route.message" ? "message.routing" : type;
}

function isEventType(type: unknown): type is AhaSendEventType {
  return eventTypes.some((known) => known === type);
}
