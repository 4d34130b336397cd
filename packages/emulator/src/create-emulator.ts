import { randomBytes } from "node:crypto";

import { checkRequestFaults } from "./faults/check-faults.js";
import { connect } from "./connect/connect.js";
import { Courier } from "./deliveries/courier.js";
import { DeliveryRecord } from "./deliveries/delivery.js";
import type { EmulatorChange, Emulator } from "./emulator.js";
import type { Endpoint } from "./endpoints/endpoint.js";
import { EndpointList } from "./endpoints/endpoints.js";
import { EmulatorError } from "./errors.js";
import { type Emission, fanOut } from "./deliveries/fan-out.js";
import { Journal } from "./deliveries/journal.js";
import { Listeners } from "./listeners.js";
import { type EmulatorOptions, checkSpeed, resolveOptions } from "./options.js";
import { Persistence } from "./state/persistence.js";
import { StateFile, noState } from "./state/state.js";
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
  const journal = new Journal(settings.journalLimits);
  const { state, onWarning } = settings;
  const kept = new Persistence(state === undefined ? noState : new StateFile(state, onWarning), state);
  const listeners = new Listeners<EmulatorChange>();
  let speed = settings.speed ?? 1;
  let closed: Promise<void> | undefined;

  const endpoints = new EndpointList({
    disableAfterFailures: settings.disableAfterFailures,
    checkUrl: (url) => transport.check(url),
    changed(endpoint) {
      kept.keepEndpoint(endpoint);
      listeners.tell({ kind: "endpoint", endpoint });
      if (!endpoint.enabled) courier.cancel(endpoint.id);
      else if (endpoint.obstacle?.kind !== "pause") courier.resume(endpoint.id);
    },
    deleted(endpoint) {
      kept.forgetEndpoint(endpoint);
      listeners.tell({ kind: "endpoint_deleted", endpoint });
      courier.cancel(endpoint.id);
    },
  });

  const courier = new Courier({
    ...settings,
    transport,
    speed: () => speed,
    endpoint: (id) => endpoints.find(id),
    attempted: (endpoint, { startedAt }, succeeded) => endpoints.count(endpoint.id, succeeded, startedAt),
    changed(delivery) {
      kept.update(delivery);
      if (delivery.state !== "pending") journal.release(delivery);
      listeners.tell({ kind: "delivery", delivery });
    },
  });

  function start(delivery: DeliveryRecord, before?: DeliveryRecord): void {
    journal.add(delivery);
    kept.keepDelivery(delivery);
    listeners.tell({ kind: "delivery", delivery });
    courier.carry(delivery, before);
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
    const { endpoints: known, deliveries } = kept.restore();
    for (const endpoint of known) endpoints.restore(endpoint);
    for (const delivery of deliveries) {
      journal.add(delivery);
      courier.carry(delivery);
    }
  }

  const emulator: Emulator = {
    endpoints,
    deliveries: journal,
    secret,
    get speed() {
      return speed;
    },
    set speed(value) {
      checkSpeed(value);
      speed = value;
    },
    emit(events, options = {}) {
      assertOpen();
      const all = isList(events) ? events : [events];
      const targets = options.endpoints === undefined ? endpoints.list() : chosen(options.endpoints);
      const plan = fanOut(all, targets, options, {
        now: clock.now(),
        copiesOf: (id) => journal.copiesOf(id),
      });
      for (const { delivery, before } of plan) start(delivery, before);
      return plan.map(({ delivery }) => delivery);
    },
    replay(original, { faults = [] } = {}) {
      assertOpen();
      checkRequestFaults(faults);
      const found = typeof original === "string" ? journal.get(original) : original;
      const { id, endpointId, type, body } = found;
      if (!endpoints.get(endpointId).enabled) {
        throw new EmulatorError(
          "endpoint_disabled",
          `The endpoint ${endpointId} is switched off: enable it before you replay.`,
        );
      }
      const copy = Math.max(journal.copiesOf(id), found.copy) + 1;
      const parts = { id, copy, endpointId, type, body, faults, createdAt: new Date(clock.now()) };
      const delivery = new DeliveryRecord(parts);
      start(delivery);
      return delivery;
    },
    idle: () => courier.idle(),
    quiet: () => courier.quiet(),
    onChange: (listener) => listeners.add(listener),
    connect(app, connectOptions = {}) {
      assertOpen();
      if (settings.speed === undefined) speed = Infinity;
      return connect(emulator, app, connectOptions, () => transport.trustThisMachine());
    },
    close() {
      closed ??= courier.close().then(() => {
        transport.close();
        kept.close();
      });
      return closed;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  try {
    resume();
  } catch (error) {
    kept.close();
    throw error;
  }
  return emulator;
}

/** Array.isArray does not tell a read-only list from the rest. */
function isList(events: Emission | readonly Emission[]): events is readonly Emission[] {
  return Array.isArray(events);
}
