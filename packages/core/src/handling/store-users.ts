import type { Store } from "../stores/store.js";
import { withTimeout } from "../with-timeout.js";

/** A driver that waits for an unreachable server must not delay the end of the process. */
const CLOSE_MS = 5000;

const users = new WeakMap<Store, number>();

/** Counts one more receiver that uses a store. */
export function joinStore(store: Store): void {
  users.set(store, (users.get(store) ?? 0) + 1);
}

/** Closes a store when its last receiver leaves. @throws the error of the store */
export async function leaveStore(store: Store): Promise<void> {
  const left = (users.get(store) ?? 1) - 1;
  users.set(store, left);
  if (left === 0) await withTimeout(CLOSE_MS, Promise.resolve(store.close?.()));
}
