import { computed, signal } from "@preact/signals";

import type { Fault } from "../../src/faults.js";
import { type Emission, type EventFields, api } from "./api.js";
import { endpoints } from "./state.js";

/** The event that is being composed. It stays while other parts of the page are visited. */
export const draft = {
  /** The JSON of the event, or the exact text of a body. */
  text: signal(""),
  /** Whether the text is sent as it stands, to the byte. */
  isExact: signal(false),
  faults: signal<readonly Fault[]>([]),
  /** The id of the only endpoint that may get it; empty for all that want it. */
  endpointId: signal(""),
};

/** A realistic event of each type, as they came from the emulator. */
export const samples = signal<readonly EventFields[]>([]);

/** The event that the text describes; undefined when it is no JSON object. */
export const draftFields = computed(() => parseFields(draft.text.value));

/** The sample of the type of the event. */
const sample = computed(() => samples.value.find(({ type }) => type === draftFields.value?.["type"]));

/** Why it cannot be sent; empty when it can. */
export const draftError = computed(() => {
  if (draft.isExact.value) return "";
  const fields = draftFields.value;
  if (fields === undefined) return `This is no JSON object: ${describeSyntaxError(draft.text.value)}.`;
  return typeof fields["type"] === "string" && fields["type"] !== "" ? "" : "The event has no type: add one.";
});

/** In what the event differs from what AhaSend sends. It can be sent all the same. */
export const draftHints = computed(() => {
  const fields = draftFields.value;
  if (fields === undefined) return draft.isExact.value ? ["This is no JSON object."] : [];
  if (sample.value === undefined)
    return ["AhaSend has no such type yet: receivers must accept and ignore it."];
  return listDifferences(sample.value, fields, "");
});

/** The id of the endpoint that was chosen, while it exists; empty for all. */
export const draftTarget = computed(() =>
  endpoints.value.has(draft.endpointId.value) ? draft.endpointId.value : "",
);

/** What is sent. */
export function buildEmission(): Emission {
  const { text, isExact, faults } = draft;
  return {
    event: isExact.value ? text.value : (draftFields.value ?? {}),
    faults: faults.value,
    ...(draftTarget.value !== "" && { endpoints: [draftTarget.value] }),
  };
}

/** Fetches samples with new ids, and begins anew with the one of a type. */
export async function startDraft(type: string): Promise<void> {
  samples.value = await api.samples();
  const fields = samples.value.find((each) => each["type"] === type);
  if (fields !== undefined) setFields(fields);
  draft.isExact.value = false;
}

/** Begins with a body that was sent before. */
export function editBody(body: string): void {
  const fields = parseFields(body);
  draft.isExact.value = fields === undefined;
  if (fields === undefined) draft.text.value = body;
  else setFields(fields);
}

/** Changes to another type, and keeps what was changed about the data, where the other type has that too. */
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

/** Sets one field, however deep. */
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

/** Whether something is an object with fields. */
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
    return "write { … }";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Fields of the sample that are missing or of another type. */
function listDifferences(sampleFields: EventFields, fields: EventFields, prefix: string): string[] {
  return Object.entries(sampleFields).flatMap(([name, sampleValue]) => {
    const path = prefix + name;
    // The emulator sets these, for each endpoint its own.
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
