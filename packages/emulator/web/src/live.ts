import { batch } from "@preact/signals";

import { type Changes, KEPT_DELIVERIES, type Snapshot } from "../../src/dev/view.js";
import { clockAheadMs, connection, deliveries, endpoints, savedEvents, speed } from "./state.js";

const RETRY_MS = 1500;

/** Keeps the state in step with the emulator while the page is visible. */
export function watchEmulator(): void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    close();
    const current = new EventSource("/api/changes");
    source = current;
    current.addEventListener("snapshot", ({ data }: MessageEvent<string>) => {
      applySnapshot(JSON.parse(data) as Snapshot);
      connection.value = "live";
    });
    current.addEventListener("changes", ({ data }: MessageEvent<string>) => {
      applyChanges(JSON.parse(data) as Changes);
    });
    current.addEventListener("error", () => {
      connection.value = "lost";
      close();
      retry = setTimeout(open, RETRY_MS);
    });
  }

  function close(): void {
    source?.close();
    clearTimeout(retry);
  }

  // Browsers allow six connections per host: background pages must not use them up.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}

function applySnapshot(snapshot: Snapshot): void {
  batch(() => {
    applyCommon(snapshot);
    endpoints.value = new Map(snapshot.endpoints.map((endpoint) => [endpoint.id, endpoint]));
    deliveries.value = new Map(snapshot.deliveries.map((row) => [row.key, row]));
  });
}

function applyChanges(changes: Changes): void {
  batch(() => {
    applyCommon(changes);
    if (changes.endpoints.length > 0 || changes.deletedEndpoints.length > 0) {
      const next = new Map(endpoints.value);
      for (const endpoint of changes.endpoints) next.set(endpoint.id, endpoint);
      for (const id of changes.deletedEndpoints) next.delete(id);
      endpoints.value = next;
    }
    if (changes.deliveries.length > 0) {
      const next = new Map(deliveries.value);
      for (const row of changes.deliveries) next.set(row.key, row);
      for (const key of [...next.keys()].slice(0, -KEPT_DELIVERIES)) next.delete(key);
      deliveries.value = next;
    }
  });
}

function applyCommon({ now, speed: current, savedEvents: names }: Snapshot): void {
  clockAheadMs.value = now - Date.now();
  speed.value = current;
  if (names.join("\n") !== savedEvents.value.join("\n")) savedEvents.value = names;
}
