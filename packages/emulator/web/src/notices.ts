import { signal } from "@preact/signals";

import { ApiError } from "./api.js";
import { endpoints } from "./state.js";

/** A message at the edge of the page. */
export interface Notice {
  tone: "good" | "bad";
  text: string;
}

/** The current notice. */
export const notice = signal<Notice | undefined>(undefined);

const SHOWN_MS = 6000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a notice. Errors stay until they are dismissed. */
export function notify(tone: Notice["tone"], text: string): void {
  clearTimeout(timer);
  notice.value = { tone, text };
  if (tone === "good") timer = setTimeout(dismiss, SHOWN_MS);
}

/** Removes the notice. */
export function dismiss(): void {
  notice.value = undefined;
}

/**
 * Runs an action, and shows a notice if the emulator refuses it.
 *
 * @returns whether the action succeeded
 */
export async function perform(action: () => Promise<unknown>, success?: string): Promise<boolean> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    notify("bad", error.message);
    // Resets controls that already show the refused value.
    endpoints.value = new Map(endpoints.value);
    return false;
  }
  if (success !== undefined) notify("good", success);
  return true;
}
