import type { Attempt } from "../deliveries/attempt.js";
import type { Delivery } from "../deliveries/delivery.js";
import type { Emulator } from "../emulator.js";

/** Watches the attempts of an emulator. */
export interface AttemptFollower {
  /** Resolves when the first attempt of a delivery has been made, or never will be. */
  firstAttempt(delivery: Delivery): Promise<unknown>;
}

/** Tells each attempt of every delivery once it has been made. */
export function followAttempts(
  emulator: Emulator,
  tell: (delivery: Delivery, attempt: Attempt) => void,
): AttemptFollower {
  const told = new WeakMap<Delivery, number>();
  const waiting = new WeakMap<Delivery, () => void>();
  emulator.onChange((change) => {
    if (change.kind !== "delivery") return;
    const { delivery } = change;
    const { attempts } = delivery;
    const news = attempts.slice(told.get(delivery) ?? 0);
    told.set(delivery, attempts.length);
    for (const attempt of news) tell(delivery, attempt);
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
