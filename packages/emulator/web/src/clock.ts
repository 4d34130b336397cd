import { signal } from "@preact/signals";

import { clockAheadMs } from "./state.js";

const browserTime = signal(Date.now());

const TICK_MS = 250;

/** The emulator's time. Reading it in a component renders that anew as time passes. */
export function now(): number {
  return browserTime.value + clockAheadMs.value;
}

/** Lets the time pass. */
export function startClock(): void {
  setInterval(() => (browserTime.value = Date.now()), TICK_MS);
}
