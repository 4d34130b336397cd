import type { AhaSendEventType } from "@ahasend-webhooks/core";
import type { EventOverrides } from "@ahasend-webhooks/testing";

import type { ConnectableApp } from "./connect/connectable-app.js";
import type { ReplayOptions } from "./deliveries/create-replay.js";
import type { Delivery } from "./deliveries/delivery.js";
import type { Deliveries } from "./deliveries/delivery-history.js";
import type { Emission, EmitOptions } from "./deliveries/fan-out.js";
import type { Endpoint } from "./endpoints/endpoint.js";
import type { Endpoints } from "./endpoints/endpoint-list.js";
import type { SavedEvents } from "./saved-events.js";

/** A change in an emulator. */
export type EmulatorChange =
  | { kind: "delivery"; delivery: Delivery }
  | { kind: "deliveries_cleared" }
  | { kind: "endpoint"; endpoint: Endpoint }
  | { kind: "endpoint_deleted"; endpoint: Endpoint }
  | { kind: "saved_events" };

/** Options of {@link Emulator.connect}. */
export interface ConnectOptions {
  /** Path at which the app receives events. @default "/webhooks/ahasend" */
  path?: string;
}

/** Delivers events to the app under test. */
export interface Sender extends AsyncDisposable {
  /** The URL at which the app receives events. */
  readonly url: string;
  /** The secret that events are signed with. */
  readonly secret: string;
  /** For everything that `deliver` does not do: several events, exact bodies, replays. */
  readonly emulator: Emulator;
  /**
   * Creates an event and delivers it, with retries.
   *
   * @returns the delivery, once it and its copies have settled
   * @throws {EmulatorError} `endpoint_disabled` after more than 100 failed attempts in a row, `closed`
   *
   * @example
   * const { state, attempts } = await sender.deliver("message.bounced", { data: { recipient: "gone@example.com" } });
   */
  deliver<Type extends AhaSendEventType>(
    type: Type,
    overrides?: EventOverrides<Type>,
    options?: Pick<EmitOptions, "faults" | "id">,
  ): Promise<Delivery>;
  /** Closes the emulator, and the server if `connect` started it. */
  close(): Promise<void>;
}

/** A local AhaSend. */
export interface Emulator extends AsyncDisposable {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  /** Events that are kept by name, to be sent again. */
  readonly savedEvents: SavedEvents;
  /** The secret that {@link Emulator.connect} signs with: pass it to the app under test. */
  readonly secret: string;
  /** Divides the pauses between attempts; pauses that have begun keep their end. */
  speed: number;
  /**
   * Delivers an event, or several, to every endpoint subscribed to it, and retries until it is delivered or the last
   * attempt has failed.
   *
   * @returns the deliveries: none if no endpoint is subscribed to the event
   * @throws {TypeError} for an event without a type or invalid faults
   * @throws {EmulatorError} `closed`, `endpoint_not_found`
   */
  emit(event: Emission | readonly Emission[], options?: EmitOptions): Delivery[];
  /**
   * Delivers a delivery again, with the same body, and the same `webhook-id` unless `newId` is set.
   *
   * @throws {TypeError} for invalid faults
   * @throws {EmulatorError} `closed`, `delivery_not_found`, `endpoint_not_found`, `endpoint_disabled`
   */
  replay(delivery: Delivery | string, options?: ReplayOptions): Delivery;
  /**
   * Makes the next attempt of a pending delivery now.
   *
   * @throws {EmulatorError} `closed`, `delivery_not_found`, `delivery_settled`
   */
  retryNow(delivery: Delivery | string): void;
  /**
   * Cancels a pending delivery. The reply decides about an attempt in flight; no other follows it.
   *
   * @throws {EmulatorError} `closed`, `delivery_not_found`, `delivery_settled`
   */
  cancel(delivery: Delivery | string): void;
  /** Resolves when no delivery is pending. */
  idle(): Promise<void>;
  /** Resolves when no attempt is in flight or queued: pending deliveries are not due, or paused. */
  quiet(): Promise<void>;
  /** Calls a listener after every change; errors it throws are ignored. @returns a function that removes the listener */
  onChange(listener: (change: EmulatorChange) => void): () => void;
  /**
   * Connects an app under test: creates a webhook and an inbound route for it, and makes it listen on a free port if it
   * does not listen yet. Retries follow without pauses, unless the option `speed` is set.
   *
   * @throws {TypeError} if the app is not a {@link ConnectableApp}
   *
   * @example
   * const emulator = createEmulator();
   * const sender = await emulator.connect(createApp({ secret: emulator.secret }));
   * const { state } = await sender.deliver("message.opened");
   */
  connect(app: ConnectableApp, options?: ConnectOptions): Promise<Sender>;
  /** Stops at once: aborts attempts in flight, and keeps pending deliveries in the state file, if there is one. */
  close(): Promise<void>;
}
