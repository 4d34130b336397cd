import { signal } from "@preact/signals";

import { clockAheadMs } from "./state.js";

const browserTime = signal(Date.now());

const TICK_MS = 250;

/** Returns the emulator's time in milliseconds. A component that reads it is rendered again as time passes. */
export function now(): number {
  return browserTime.value + clockAheadMs.value;
}

/** Starts updating the time. */
export function startClock(): void {
  setInterval(() => (browserTime.value = Date.now()), TICK_MS);
}
