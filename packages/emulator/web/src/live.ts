import { batch } from "@preact/signals";

import { type Changes, KEPT_DELIVERIES, type Snapshot } from "../../src/dev/view.js";
import { clockAheadMs, connection, deliveries, endpoints, speed } from "./state.js";

const RETRY_MS = 1500;

/** Keeps the state in step with the emulator, while somebody looks at the page. */
export function watchEmulator(): void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    close();
    const opened = new EventSource("/api/changes");
    source = opened;
    opened.addEventListener("snapshot", ({ data }: MessageEvent<string>) => {
      takeSnapshot(JSON.parse(data) as Snapshot);
      connection.value = "live";
    });
    opened.addEventListener("changes", ({ data }: MessageEvent<string>) => {
      takeChanges(JSON.parse(data) as Changes);
    });
    opened.addEventListener("error", () => {
      connection.value = "lost";
      close();
      retry = setTimeout(open, RETRY_MS);
    });
  }

  function close(): void {
    source?.close();
    clearTimeout(retry);
  }

  // A browser has six connections to one host: pages in the background must not take them all.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}

function takeSnapshot(snapshot: Snapshot): void {
  batch(() => {
    takeCommon(snapshot);
    endpoints.value = new Map(snapshot.endpoints.map((endpoint) => [endpoint.id, endpoint]));
    deliveries.value = new Map(snapshot.deliveries.map((row) => [row.key, row]));
  });
}

function takeChanges(changes: Changes): void {
  batch(() => {
    takeCommon(changes);
    if (changes.endpoints.length > 0 || changes.deletedEndpoints.length > 0) {
      const known = new Map(endpoints.value);
      for (const endpoint of changes.endpoints) known.set(endpoint.id, endpoint);
      for (const id of changes.deletedEndpoints) known.delete(id);
      endpoints.value = known;
    }
    if (changes.deliveries.length > 0) {
      const known = new Map(deliveries.value);
      for (const row of changes.deliveries) known.set(row.key, row);
      for (const key of [...known.keys()].slice(0, -KEPT_DELIVERIES)) known.delete(key);
      deliveries.value = known;
    }
  });
}

function takeCommon({ now, speed: current }: Snapshot): void {
  clockAheadMs.value = now - Date.now();
  speed.value = current;
}
