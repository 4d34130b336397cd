import type { ServerResponse } from "node:http";

import type { Delivery } from "../deliveries/delivery.js";
import type { EmulatorChange, Emulator } from "../emulator.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { safetyHeaders } from "./reply.js";
import { ReportLog } from "./reports/report-log.js";
import { toDeliveryRow, toEndpointView } from "./to-view.js";
import { type Changes, KEPT_DELIVERIES, type Snapshot } from "./view.js";

/** Changes are collected and sent at most this often. */
const INTERVAL_MS = 150;

/** Sends changes to the open pages, as Server-Sent Events. */
export class Feed {
  /** The deliveries that other commands report. */
  readonly reports = new ReportLog((delivery) => this.#note({ kind: "delivery", delivery }));
  readonly #emulator: Emulator;
  readonly #stopListening: () => void;
  /** The open pages, and whether they missed the last message because they read too slowly. */
  readonly #watchers = new Map<ServerResponse, { isBehind: boolean }>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #deletedEndpoints = new Set<string>();
  #isCleared = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
    this.#stopListening = emulator.onChange((change) => this.#note(change));
  }

  /** Sends a snapshot, and then changes until the page is closed. */
  watch(response: ServerResponse): void {
    response.writeHead(200, { ...safetyHeaders, "content-type": "text/event-stream" });
    // Pending changes belong to the pages that are already open.
    if (this.#timer !== undefined) this.#publish();
    response.write(formatEvent("snapshot", this.#snapshot()));
    this.#watchers.set(response, { isBehind: false });
    response.on("close", () => this.#watchers.delete(response));
  }

  /** Schedules a message; also called for the speed, whose changes the emulator does not report. */
  schedule(): void {
    this.#timer ??= setTimeout(() => this.#publish(), INTERVAL_MS).unref();
  }

  close(): void {
    this.#stopListening();
    clearTimeout(this.#timer);
    for (const response of this.#watchers.keys()) response.end();
  }

  #note(change: EmulatorChange): void {
    if (this.#watchers.size === 0) return;
    if (change.kind === "delivery") this.#deliveries.set(change.delivery.key, change.delivery);
    if (change.kind === "deliveries_cleared") this.#isCleared = true;
    if (change.kind === "endpoint") this.#endpoints.set(change.endpoint.id, change.endpoint);
    if (change.kind === "endpoint_deleted") {
      this.#endpoints.delete(change.endpoint.id);
      this.#deletedEndpoints.add(change.endpoint.id);
    }
    this.schedule();
  }

  #publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changes = formatEvent("changes", this.#changes());
    const needsSnapshot = this.#isCleared || this.#deliveries.size > KEPT_DELIVERIES;
    this.#isCleared = false;
    this.#deliveries.clear();
    this.#endpoints.clear();
    this.#deletedEndpoints.clear();
    for (const [response, watcher] of this.#watchers) {
      const isMissing = response.writableNeedDrain;
      if (!isMissing) {
        response.write(
          watcher.isBehind || needsSnapshot ? formatEvent("snapshot", this.#snapshot()) : changes,
        );
      } else if (!watcher.isBehind) response.once("drain", () => this.schedule());
      watcher.isBehind = isMissing;
    }
  }

  #common(): Pick<Snapshot, "now" | "speed" | "savedEvents"> {
    const { speed, savedEvents } = this.#emulator;
    return {
      now: Date.now(),
      speed: speed === Infinity ? null : speed,
      savedEvents: savedEvents.list(),
    };
  }

  #snapshot(): Snapshot {
    const { endpoints, deliveries } = this.#emulator;
    return {
      ...this.#common(),
      endpoints: endpoints.list().map(toEndpointView),
      deliveries: mergeByAge(deliveries.list(), this.reports.list())
        .slice(-KEPT_DELIVERIES)
        .map(toDeliveryRow),
    };
  }

  #changes(): Changes {
    return {
      ...this.#common(),
      endpoints: [...this.#endpoints.values()].map(toEndpointView),
      deletedEndpoints: [...this.#deletedEndpoints],
      deliveries: [...this.#deliveries.values()].map(toDeliveryRow),
    };
  }
}

/** Merges two lists of deliveries, oldest first. */
function mergeByAge(own: readonly Delivery[], reported: readonly Delivery[]): readonly Delivery[] {
  if (reported.length === 0) return own;
  return [...own, ...reported].toSorted((one, other) => +one.createdAt - +other.createdAt);
}

function formatEvent(event: "snapshot" | "changes", data: Snapshot | Changes): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
