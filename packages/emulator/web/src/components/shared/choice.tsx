import { useId } from "preact/hooks";

interface ChoiceProps<Value extends string> {
  legend: string;
  /** The label of each value. */
  options: Readonly<Record<Value, string>>;
  value: Value;
  onChange: (value: Value) => void;
}

/** A group of radio buttons, side by side. */
export function Choice<Value extends string>({ legend, options, value, onChange }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="hidden">{legend}</legend>
      {(Object.keys(options) as Value[]).map((each) => (
        <label key={each}>
          <input
            type="radio"
            class="hidden"
            name={name}
            checked={each === value}
            onChange={() => onChange(each)}
          />
          <span>{options[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
