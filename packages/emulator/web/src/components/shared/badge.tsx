import type { Progress } from "../../progress.js";
import { Icon } from "./icon.js";

/** The progress of a delivery: an icon and a word. */
export function Badge({ progress: { label, tone, icon } }: { progress: Progress }) {
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {label}
    </span>
  );
}
