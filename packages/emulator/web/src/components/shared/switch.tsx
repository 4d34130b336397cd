import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

interface SwitchProps {
  isOn: boolean;
  /** Resolves when the change was made or refused. */
  onChange: (isOn: boolean) => Promise<unknown>;
  children: ComponentChildren;
}

/** A switch that takes effect at once. */
export function Switch({ isOn, onChange, children }: SwitchProps) {
  /** The requested position: other changes that arrive meanwhile must not flip it back. */
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
