import { signal } from "@preact/signals";

import type { DeliveryRow, EndpointView } from "../../src/dev/view.js";

/** The connection to the emulator's stream of changes. */
export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** Divides the pauses between attempts; `null` means no pauses. */
export const speed = signal<number | null>(1);

/** Endpoints by id, in the order of their creation. */
export const endpoints = signal<ReadonlyMap<string, EndpointView>>(new Map());

/** Deliveries by key, oldest first. */
export const deliveries = signal<ReadonlyMap<string, DeliveryRow>>(new Map());

/** The names of the saved events. */
export const savedEvents = signal<readonly string[]>([]);

/** Milliseconds by which the emulator's clock is ahead of the browser's. */
export const clockAheadMs = signal(0);
