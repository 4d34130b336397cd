import { computed, signal } from "@preact/signals";

import type { Fault } from "../../src/faults/faults.js";
import { type Emission, type EventFields, api } from "./api.js";
import { endpoints } from "./state.js";

/** The event being composed. It is kept while other views are open. */
export const draft = {
  /** The JSON of the event, or the exact body. */
  text: signal(""),
  /** Sends `text` byte for byte. */
  isExact: signal(false),
  faults: signal<readonly Fault[]>([]),
  /** The id of the endpoint to send to; empty for all that match. */
  endpointId: signal(""),
};

/** A realistic event of each type, from the emulator. */
export const samples = signal<readonly EventFields[]>([]);

/** The fields of the event; `undefined` if the text is not a JSON object. */
export const draftFields = computed(() => parseFields(draft.text.value));

/** The sample of the event's type. */
const sample = computed(() => samples.value.find(({ type }) => type === draftFields.value?.["type"]));

/** The reason why the event cannot be sent; empty if it can. */
export const draftError = computed(() => {
  if (draft.isExact.value) return "";
  const fields = draftFields.value;
  if (fields === undefined) return `This is not a JSON object: ${describeSyntaxError(draft.text.value)}.`;
  return typeof fields["type"] === "string" && fields["type"] !== "" ? "" : "The event has no type: add one.";
});

/** Differences from the events AhaSend sends. They do not prevent sending. */
export const draftHints = computed(() => {
  const fields = draftFields.value;
  if (fields === undefined) return draft.isExact.value ? ["This is not a JSON object."] : [];
  if (sample.value === undefined)
    return ["AhaSend does not have this type yet: receivers must accept and ignore it."];
  return listDifferences(sample.value, fields, "");
});

/** The id of the selected endpoint if it still exists; empty for all. */
export const draftTarget = computed(() =>
  endpoints.value.has(draft.endpointId.value) ? draft.endpointId.value : "",
);

/** Returns the fields of the event, or the exact body. */
export function buildEvent(): Emission["event"] {
  return draft.isExact.value ? draft.text.value : (draftFields.value ?? {});
}

/** Returns the event to send, with its faults and endpoint. */
export function buildEmission(): Emission {
  return {
    event: buildEvent(),
    faults: draft.faults.value,
    ...(draftTarget.value !== "" && { endpoints: [draftTarget.value] }),
  };
}

/** Fetches samples with new ids, and starts over with the one of a type. */
export async function startDraft(type: string): Promise<void> {
  samples.value = await api.samples();
  const fields = samples.value.find((each) => each["type"] === type);
  if (fields !== undefined) setFields(fields);
  draft.isExact.value = false;
}

/** Starts from a body that was sent before. */
export function editBody(body: string): void {
  const fields = parseFields(body);
  draft.isExact.value = fields === undefined;
  if (fields === undefined) draft.text.value = body;
  else setFields(fields);
}

/** Starts from a saved event. */
export function loadEvent(event: Emission["event"]): void {
  draft.isExact.value = typeof event === "string";
  if (typeof event === "string") draft.text.value = event;
  else setFields(event);
}

/** Changes the type, and keeps edits of the fields that the new type has as well. */
export function changeType(type: string): void {
  const next = samples.value.find((each) => each["type"] === type);
  if (next === undefined) return;
  const [before, edited, data] = [sample.value, draftFields.value, next].map((each) => readData(each));
  const edits = Object.entries(edited ?? {}).filter(
    ([name, value]) =>
      value !== before?.[name] && typeof value === typeof data?.[name] && typeof value !== "object",
  );
  setFields({
    ...next,
    data: { ...data, ...Object.fromEntries(edits.filter(([name]) => name !== "event")) },
  });
}

/** Sets a field, at any depth. */
export function setField(path: readonly string[], value: unknown): void {
  setFields(withValue(draftFields.value ?? {}, path, value));
}

function setFields(fields: EventFields): void {
  draft.text.value = JSON.stringify(fields, null, 2);
}

function withValue(
  fields: EventFields,
  [name = "", ...rest]: readonly string[],
  value: unknown,
): EventFields {
  const inner = rest.length === 0 ? value : withValue(fields[name] as EventFields, rest, value);
  return { ...fields, [name]: inner };
}

function readData(fields: EventFields | undefined): EventFields | undefined {
  const data = fields?.["data"];
  return isFields(data) ? data : undefined;
}

/** Returns whether a value is an object with fields. */
export function isFields(value: unknown): value is EventFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseFields(text: string): EventFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function describeSyntaxError(text: string): string {
  try {
    JSON.parse(text);
    return "it must be written as { … }";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns a hint for each field of the sample that is missing or has another type. */
function listDifferences(sampleFields: EventFields, fields: EventFields, prefix: string): string[] {
  return Object.entries(sampleFields).flatMap(([name, sampleValue]) => {
    const path = prefix + name;
    // The emulator sets these per endpoint.
    if (path === "webhook_id" || path === "route_id") return [];
    const value = fields[name];
    if (value === undefined) return [`${path} is missing.`];
    if (isFields(sampleValue) && isFields(value)) return listDifferences(sampleValue, value, `${path}.`);
    return describeKind(sampleValue) === describeKind(value)
      ? []
      : [`${path} is a ${describeKind(value)}; AhaSend sends a ${describeKind(sampleValue)}.`];
  });
}

function describeKind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
