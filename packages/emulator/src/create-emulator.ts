import { randomBytes } from "node:crypto";

import { connect } from "./connect/connect.js";
import { createReplay } from "./deliveries/create-replay.js";
import type { Delivery, DeliveryRecord } from "./deliveries/delivery.js";
import { DeliveryHistory } from "./deliveries/delivery-history.js";
import { DeliveryScheduler } from "./deliveries/delivery-scheduler.js";
import { type Emission, fanOut } from "./deliveries/fan-out.js";
import type { Emulator, EmulatorChange } from "./emulator.js";
import { EndpointList } from "./endpoints/endpoint-list.js";
import { EmulatorError } from "./errors.js";
import { Listeners } from "./listeners.js";
import { type EmulatorOptions, assertSpeed, resolveOptions } from "./options.js";
import { SavedEventList } from "./saved-events.js";
import { openPersistence } from "./state/persistence.js";
import { Transport } from "./transport/transport.js";

/**
 * Creates a local AhaSend: it signs, delivers and retries as the real one does.
 *
 * @throws {TypeError} for invalid options
 * @throws {EmulatorError} `state_unusable`
 *
 * @example
 * const emulator = createEmulator({ speed: 1000 });
 * emulator.endpoints.create({ url: "http://localhost:3000/webhooks/ahasend", secret });
 * const [delivery] = emulator.emit(createEvent("message.bounced"));
 * console.log((await delivery.settled).state);
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const settings = resolveOptions(options);
  const { clock, secret = `aha-whsec-${randomBytes(24).toString("base64url")}`, speed = 1 } = settings;
  // Each part knows only those above it.
  const listeners = new Listeners<EmulatorChange>();
  const persistence = openPersistence(settings);
  const history = new DeliveryHistory(settings.historyLimits, () =>
    listeners.notify({ kind: "deliveries_cleared" }),
  );
  const transport = new Transport(settings);
  const endpoints = new EndpointList({
    disableAfterFailures: settings.disableAfterFailures,
    assertAllowedUrl: (url) => transport.assertAllowedUrl(url),
    onChange(endpoint) {
      persistence.saveEndpoint(endpoint);
      listeners.notify({ kind: "endpoint", endpoint });
    },
    onDelete(endpoint) {
      persistence.deleteEndpoint(endpoint);
      listeners.notify({ kind: "endpoint_deleted", endpoint });
    },
  });
  const savedEvents = new SavedEventList({
    onSave(name, event) {
      persistence.saveEvent(name, event);
      listeners.notify({ kind: "saved_events" });
    },
    onDelete(name) {
      persistence.deleteEvent(name);
      listeners.notify({ kind: "saved_events" });
    },
  });
  const scheduler = new DeliveryScheduler({
    ...settings,
    speed,
    transport,
    endpoints,
    onChange(delivery) {
      persistence.saveProgress(delivery);
      if (delivery.state !== "pending") history.release(delivery);
      listeners.notify({ kind: "delivery", delivery });
    },
  });
  let closed: Promise<void> | undefined;

  function start(delivery: DeliveryRecord, before?: DeliveryRecord): void {
    history.add(delivery);
    persistence.saveDelivery(delivery);
    listeners.notify({ kind: "delivery", delivery });
    scheduler.add(delivery, before);
  }

  function restore(): void {
    const state = persistence.restore();
    for (const endpoint of state.endpoints) endpoints.restore(endpoint);
    for (const [name, event] of state.events) savedEvents.restore(name, event);
    for (const delivery of state.deliveries) {
      history.add(delivery);
      scheduler.add(delivery);
    }
  }

  function assertOpen(): void {
    if (closed !== undefined) throw new EmulatorError("closed", "The emulator is closed: create a new one.");
  }

  function find(delivery: Delivery | string): DeliveryRecord {
    assertOpen();
    return history.get(typeof delivery === "string" ? delivery : delivery.key);
  }

  const emulator: Emulator = {
    endpoints,
    deliveries: history,
    savedEvents,
    secret,
    get speed() {
      return scheduler.speed;
    },
    set speed(value) {
      assertSpeed(value);
      scheduler.speed = value;
    },
    emit(events, options = {}) {
      assertOpen();
      const ids = options.endpoints && [...new Set(options.endpoints)];
      const targets = ids?.map((id) => endpoints.get(id)) ?? endpoints.list();
      const planned = fanOut(isList(events) ? events : [events], targets, options, {
        now: clock.now(),
        findLatestCopy: (id) => history.findLatestCopy(id),
      });
      for (const { delivery, before } of planned) start(delivery, before);
      return planned.map(({ delivery }) => delivery);
    },
    replay(deliveryOrId, options = {}) {
      assertOpen();
      const original = typeof deliveryOrId === "string" ? history.get(deliveryOrId) : deliveryOrId;
      const delivery = createReplay(original, endpoints.get(original.endpointId), options, {
        now: clock.now(),
        latestCopy: history.findLatestCopy(original.id),
      });
      start(delivery);
      return delivery;
    },
    retryNow: (delivery) => scheduler.retryNow(find(delivery)),
    cancel: (delivery) => scheduler.cancel(find(delivery)),
    idle: () => scheduler.idle(),
    quiet: () => scheduler.quiet(),
    onChange: (listener) => listeners.add(listener),
    connect(app, connectOptions = {}) {
      assertOpen();
      if (settings.speed === undefined) scheduler.speed = Infinity;
      return connect(emulator, app, connectOptions, () => transport.trustThisMachine());
    },
    close() {
      closed ??= scheduler.close().then(() => {
        transport.close();
        persistence.close();
      });
      return closed;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  try {
    restore();
  } catch (error) {
    persistence.close();
    throw error;
  }
  return emulator;
}

/** Narrows read-only lists, as Array.isArray does not. */
function isList(events: Emission | readonly Emission[]): events is readonly Emission[] {
  return Array.isArray(events);
}
