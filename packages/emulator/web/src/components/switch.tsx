import type { ComponentChildren } from "preact";

interface SwitchProps {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: ComponentChildren;
}

/** Something that is on or off, and changes at once. */
export function Switch({ isOn, onChange, children }: SwitchProps) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
