import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

interface SwitchProps {
  isOn: boolean;
  /** Switches it; resolves when that is done or was refused. */
  onChange: (isOn: boolean) => Promise<unknown>;
  children: ComponentChildren;
}

/** Something that is on or off, and changes at once. */
export function Switch({ isOn, onChange, children }: SwitchProps) {
  /** What it is being switched to: what else changes meanwhile must not flip it back. */
  const target = useSignal<boolean | undefined>(undefined);
  const change = async (toOn: boolean) => {
    target.value = toOn;
    await onChange(toOn).finally(() => {
      if (target.value === toOn) target.value = undefined;
    });
  };
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={target.value ?? isOn}
        onChange={({ currentTarget }) => void change(currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
