import { signal } from "@preact/signals";

import { ApiError } from "./api.js";
import { endpoints } from "./state.js";

/** Something to notify the user at the edge of the page. */
export interface Notice {
  tone: "good" | "bad";
  text: string;
}

/** What is told at the moment. */
export const notice = signal<Notice | undefined>(undefined);

const SHOWN_MS = 6000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells something: bad news stays until it is read. */
export function notify(tone: Notice["tone"], text: string): void {
  clearTimeout(timer);
  notice.value = { tone, text };
  if (tone === "good") timer = setTimeout(dismiss, SHOWN_MS);
}

/** Takes the notice away. */
export function dismiss(): void {
  notice.value = undefined;
}

/**
 * Does something, and tells when it was refused.
 *
 * @returns whether it was done
 */
export async function perform(action: () => Promise<unknown>, success?: string): Promise<boolean> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    notify("bad", error.message);
    // Controls that show already what was refused are rendered as it is.
    endpoints.value = new Map(endpoints.value);
    return false;
  }
  if (success !== undefined) notify("good", success);
  return true;
}
