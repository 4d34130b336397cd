import type { Attempt } from "../deliveries/attempt.js";
import type { Delivery } from "../deliveries/delivery.js";
import type { Emulator } from "../emulator.js";

/** Follows the attempts of an emulator. */
export interface AttemptFollower {
  /** Resolves when the first attempt of a delivery has been made, or the delivery has ended without one. */
  firstAttempt(delivery: Delivery): Promise<unknown>;
}

/** Calls back for each attempt of every delivery, once it has been made. */
export function followAttempts(
  emulator: Emulator,
  onAttempt: (delivery: Delivery, attempt: Attempt) => void,
): AttemptFollower {
  const reported = new WeakMap<Delivery, number>();
  const waiting = new WeakMap<Delivery, () => void>();
  emulator.onChange((change) => {
    if (change.kind !== "delivery") return;
    const { delivery } = change;
    const { attempts } = delivery;
    const newAttempts = attempts.slice(reported.get(delivery) ?? 0);
    reported.set(delivery, attempts.length);
    for (const attempt of newAttempts) onAttempt(delivery, attempt);
    if (attempts.length > 0) waiting.get(delivery)?.();
  });
  return {
    firstAttempt(delivery) {
      const made = new Promise<void>((resolve) => {
        if (delivery.attempts.length > 0) resolve();
        else waiting.set(delivery, resolve);
      });
      return Promise.race([made, delivery.settled]);
    },
  };
}
