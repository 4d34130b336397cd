import { now } from "../../clock.js";
import { formatWait } from "../../format.js";

/** The time left until a point in time, counting down. */
export function Countdown({ to }: { to: number }) {
  const left = formatWait(to - now());
  return <span class="countdown">{left === "now" ? left : `in ${left}`}</span>;
}
