import { now } from "../../clock.js";
import { formatWait } from "../../format.js";

/** How long it is until something, counting down. */
export function Countdown({ to }: { to: number }) {
  const left = formatWait(to - now());
  return <span class="countdown">{left === "now" ? left : `in ${left}`}</span>;
}
