import type { Fault, FaultKind } from "../../../../src/faults/faults.js";
import { type FaultField, faultOptions } from "../../fault-options.js";

interface FaultPickerProps {
  /** The faults to offer. */
  kinds: readonly FaultKind[];
  faults: readonly Fault[];
  onChange: (faults: readonly Fault[]) => void;
}

/** A list of faults to choose from, with their settings. */
export function FaultPicker({ kinds, faults, onChange }: FaultPickerProps) {
  const without = (kind: FaultKind) => faults.filter((fault) => fault.kind !== kind);
  return (
    <fieldset class="faults">
      <legend>Faults</legend>
      {kinds.map((kind) => {
        const { label, hint, initial, fields = [] } = faultOptions[kind];
        const fault = faults.find((fault) => fault.kind === kind);
        return (
          <div key={kind} class="fault">
            <label class="check">
              <input
                type="checkbox"
                checked={fault !== undefined}
                onChange={() => onChange(fault ? without(kind) : [...faults, initial])}
              />
              <span>
                {label} <span class="muted">{hint}</span>
              </span>
            </label>
            {fault !== undefined && fields.length > 0 && (
              <div class="row fields">
                {fields.map((field) => (
                  <Field
                    key={field.name}
                    field={field}
                    value={(fault as unknown as Record<string, Value>)[field.name]}
                    onChange={(value) => onChange([...without(kind), withField(fault, field.name, value)])}
                  />
                ))}
              </div>
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

/** `undefined` for an empty field. */
type Value = string | number | undefined;

interface FieldProps {
  field: FaultField;
  value: Value;
  onChange: (value: Value) => void;
}

function Field({ field: { label, input, empty }, value, onChange }: FieldProps) {
  const change = (text: string) => {
    if (text === "") onChange(undefined);
    else onChange(input === "number" ? Number(text) : text);
  };
  const common = {
    value: value ?? "",
    required: empty === undefined,
    placeholder: empty ?? "",
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) => change(currentTarget.value),
  };
  return (
    <label class="field">
      <span>{label}</span>
      {input === "number" && <input type="number" step="any" {...common} />}
      {input === "text" && <input type="text" {...common} />}
      {typeof input !== "string" && (
        <select value={String(value)} onChange={({ currentTarget }) => change(currentTarget.value)}>
          {input.map((each) => (
            <option key={each} value={each}>
              {each.replace("_", " ")}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}

function withField(fault: Fault, name: string, value: Value): Fault {
  const { [name]: _old, ...others } = fault as unknown as Record<string, unknown>;
  // The emulator validates the values when the event is sent.
  return { ...others, ...(value !== undefined && { [name]: value }) } as unknown as Fault;
}
