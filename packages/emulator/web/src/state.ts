import { signal } from "@preact/signals";

import type { DeliveryRow, EndpointView } from "../../src/dev/view.js";

/** Whether the emulator tells what changes. */
export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** Divides the pauses between attempts; `null` leaves them out. */
export const speed = signal<number | null>(1);

/** By id, in the order in which they were made. */
export const endpoints = signal<ReadonlyMap<string, EndpointView>>(new Map());

/** By key, oldest first. */
export const deliveries = signal<ReadonlyMap<string, DeliveryRow>>(new Map());

/** How far the emulator's clock is ahead of the browser's. */
export const clockAheadMs = signal(0);
