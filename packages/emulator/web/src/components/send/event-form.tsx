import type { EventFields } from "../../api.js";
import { draftFields, isFields, setField } from "../../draft.js";
import { formatCount } from "../../format.js";

/** Fields with their own control elsewhere, or set by the emulator. */
const HIDDEN_FIELDS = new Set(["type", "webhook_id", "route_id"]);

/** A form with an input for each field of the event. */
export function EventForm() {
  const fields = draftFields.value ?? {};
  const { data, ...envelope } = Object.fromEntries(
    Object.entries(fields).filter(([name]) => !HIDDEN_FIELDS.has(name)),
  );
  return (
    <div class="event-form">
      {isFields(data) && <Fields fields={data} path={["data"]} />}
      <Fields fields={envelope} path={[]} />
    </div>
  );
}

function Fields({ fields, path }: { fields: EventFields; path: readonly string[] }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <Field key={name} name={name} value={value} path={[...path, name]} />
      ))}
    </>
  );
}

const MAX_INPUT_LENGTH = 60;

function Field({ name, value, path }: { name: string; value: unknown; path: readonly string[] }) {
  if (isFields(value)) {
    return (
      <fieldset class="group">
        <legend class="mono">{name}</legend>
        <Fields fields={value} path={path} />
      </fieldset>
    );
  }
  if (typeof value === "boolean") {
    return (
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          onChange={({ currentTarget }) => setField(path, currentTarget.checked)}
        />
        <span class="mono">{name}</span>
      </label>
    );
  }
  if (typeof value === "number") {
    return (
      <label class="field">
        <span class="mono">{name}</span>
        <input
          type="number"
          step="any"
          value={value}
          onInput={({ currentTarget: { value: text, valueAsNumber } }) => {
            if (text !== "" && Number.isFinite(valueAsNumber)) setField(path, valueAsNumber);
          }}
        />
      </label>
    );
  }
  if (typeof value === "string") {
    const change = ({ currentTarget }: { currentTarget: { value: string } }) =>
      setField(path, currentTarget.value);
    return (
      <label class="field">
        <span class="mono">{name}</span>
        {value.length > MAX_INPUT_LENGTH || value.includes("\n") ? (
          <textarea rows={2} value={value} onInput={change} />
        ) : (
          <input type="text" value={value} onInput={change} />
        )}
      </label>
    );
  }
  return (
    <p class="field">
      <span class="mono">{name}</span>{" "}
      <span class="muted">
        {Array.isArray(value) ? formatCount(value.length, "item") : "null"}: edit as JSON
      </span>
    </p>
  );
}
