import type { Attempt } from "../attempt.js";
import type { Delivery } from "../delivery.js";
import { inWords } from "../doctor/in-words.js";
import type { Emulator } from "../emulator.js";
import { secondsUntil } from "./delivery-text.js";
import type { Output } from "./output.js";

const SECOND_MS = 1000;

/**
 * Tells each attempt of every delivery once it has been made.
 *
 * @returns ends that
 */
export function onAttempt(
  emulator: Emulator,
  tell: (delivery: Delivery, attempt: Attempt) => void,
): () => void {
  const told = new WeakMap<Delivery, number>();
  return emulator.onChange((change) => {
    if (change.kind !== "delivery") return;
    const { delivery } = change;
    const { attempts } = delivery;
    const news = attempts.slice(told.get(delivery) ?? 0);
    told.set(delivery, attempts.length);
    for (const attempt of news) tell(delivery, attempt);
  });
}

/**
 * Shows how long it is until the next attempt, as long as none is being made.
 *
 * @returns ends that
 */
export function countDown(deliveries: readonly Delivery[], output: Output): () => void {
  const timer = setInterval(() => {
    const times = deliveries.flatMap(({ nextAttemptAt }) => nextAttemptAt?.getTime() ?? []);
    if (times.length > 0)
      output.progress(`next attempt in ${inWords(secondsUntil(new Date(Math.min(...times))))}`);
  }, SECOND_MS);
  return () => clearInterval(timer);
}
