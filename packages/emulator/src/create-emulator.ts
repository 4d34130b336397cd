import { randomBytes } from "node:crypto";

import { assertRequestFaults } from "./faults/assert-faults.js";
import { connect } from "./connect/connect.js";
import { DeliveryScheduler } from "./deliveries/delivery-scheduler.js";
import { DeliveryRecord } from "./deliveries/delivery.js";
import type { EmulatorChange, Emulator } from "./emulator.js";
import type { Endpoint } from "./endpoints/endpoint.js";
import { EndpointList } from "./endpoints/endpoints.js";
import { EmulatorError } from "./errors.js";
import { type Emission, fanOut } from "./deliveries/fan-out.js";
import { DeliveryHistory } from "./deliveries/delivery-history.js";
import { Listeners } from "./listeners.js";
import { type EmulatorOptions, assertSpeed, resolveOptions } from "./options.js";
import { Persistence } from "./state/persistence.js";
import { StateFile, noState } from "./state/state-file.js";
import { Transport } from "./transport/transport.js";

/**
 * Makes a local AhaSend: it signs, delivers and retries as the real one does.
 *
 * @throws {TypeError} for wrong options
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
  const { clock, secret = `aha-whsec-${randomBytes(24).toString("base64url")}` } = settings;
  const transport = new Transport(settings);
  const history = new DeliveryHistory(settings.historyLimits);
  const { state, onWarning } = settings;
  const persistence = new Persistence(state === undefined ? noState : new StateFile(state, onWarning), state);
  const listeners = new Listeners<EmulatorChange>();
  let speed = settings.speed ?? 1;
  let closed: Promise<void> | undefined;

  const endpoints = new EndpointList({
    disableAfterFailures: settings.disableAfterFailures,
    checkUrl: (url) => transport.assertAllowedUrl(url),
    changed(endpoint) {
      persistence.keepEndpoint(endpoint);
      listeners.notify({ kind: "endpoint", endpoint });
      if (!endpoint.enabled) scheduler.cancel(endpoint.id);
      else if (endpoint.obstacle?.kind !== "pause") scheduler.resume(endpoint.id);
    },
    deleted(endpoint) {
      persistence.forgetEndpoint(endpoint);
      listeners.notify({ kind: "endpoint_deleted", endpoint });
      scheduler.cancel(endpoint.id);
    },
  });

  const scheduler = new DeliveryScheduler({
    ...settings,
    transport,
    speed: () => speed,
    endpoint: (id) => endpoints.find(id),
    attempted: (endpoint, { startedAt }, succeeded) => endpoints.count(endpoint.id, succeeded, startedAt),
    changed(delivery) {
      persistence.update(delivery);
      if (delivery.state !== "pending") history.release(delivery);
      listeners.notify({ kind: "delivery", delivery });
    },
  });

  function start(delivery: DeliveryRecord, before?: DeliveryRecord): void {
    history.add(delivery);
    persistence.keepDelivery(delivery);
    listeners.notify({ kind: "delivery", delivery });
    scheduler.carry(delivery, before);
  }

  /** The endpoints with these ids, each once. */
  function chosen(ids: readonly string[]): Endpoint[] {
    return [...new Set(ids)].map((id) => endpoints.get(id));
  }

  function assertOpen(): void {
    if (closed !== undefined) throw new EmulatorError("closed", "The emulator is closed: make a new one.");
  }

  /** Goes on with what the last run has left. */
  function resume(): void {
    const { endpoints: known, deliveries } = persistence.restore();
    for (const endpoint of known) endpoints.restore(endpoint);
    for (const delivery of deliveries) {
      history.add(delivery);
      scheduler.carry(delivery);
    }
  }

  const emulator: Emulator = {
    endpoints,
    deliveries: history,
    secret,
    get speed() {
      return speed;
    },
    set speed(value) {
      assertSpeed(value);
      speed = value;
    },
    emit(events, options = {}) {
      assertOpen();
      const all = isList(events) ? events : [events];
      const targets = options.endpoints === undefined ? endpoints.list() : chosen(options.endpoints);
      const plan = fanOut(all, targets, options, {
        now: clock.now(),
        copiesOf: (id) => history.findLatestCopy(id),
      });
      for (const { delivery, before } of plan) start(delivery, before);
      return plan.map(({ delivery }) => delivery);
    },
    replay(original, { faults = [] } = {}) {
      assertOpen();
      assertRequestFaults(faults);
      const found = typeof original === "string" ? history.get(original) : original;
      const { id, endpointId, type, body } = found;
      if (!endpoints.get(endpointId).enabled) {
        throw new EmulatorError(
          "endpoint_disabled",
          `The endpoint ${endpointId} is switched off: enable it before you replay.`,
        );
      }
      const copy = Math.max(history.findLatestCopy(id), found.copy) + 1;
      const parts = { id, copy, endpointId, type, body, faults, createdAt: new Date(clock.now()) };
      const delivery = new DeliveryRecord(parts);
      start(delivery);
      return delivery;
    },
    idle: () => scheduler.idle(),
    quiet: () => scheduler.quiet(),
    onChange: (listener) => listeners.add(listener),
    connect(app, connectOptions = {}) {
      assertOpen();
      if (settings.speed === undefined) speed = Infinity;
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
    resume();
  } catch (error) {
    persistence.close();
    throw error;
  }
  return emulator;
}

/** Array.isArray does not tell a read-only list from the rest. */
function isList(events: Emission | readonly Emission[]): events is readonly Emission[] {
  return Array.isArray(events);
}
