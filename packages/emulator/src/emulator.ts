import type { ConnectableApp } from "./connect/connectable-app.js";
import type { ConnectOptions, Sender } from "./connect/connect.js";
import type { Delivery } from "./deliveries/delivery.js";
import type { Endpoint } from "./endpoints/endpoint.js";
import type { Endpoints } from "./endpoints/endpoints.js";
import type { Emission, EmitOptions } from "./deliveries/fan-out.js";
import type { RequestFault } from "./faults/faults.js";
import type { Deliveries } from "./deliveries/delivery-history.js";

/** Something that has happened in an emulator. */
export type EmulatorChange =
  | { kind: "delivery"; delivery: Delivery }
  | { kind: "endpoint"; endpoint: Endpoint }
  | { kind: "endpoint_deleted"; endpoint: Endpoint };

/** How a delivery is replayed. */
export interface ReplayOptions {
  /** What is done to its requests. @default nothing */
  faults?: readonly RequestFault[];
}

/** A local AhaSend. */
export interface Emulator extends AsyncDisposable {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  /** What {@link Emulator.connect} signs with: give it to the app under test. */
  readonly secret: string;
  /** Divides the pauses between attempts; those that have begun keep their end. */
  speed: number;
  /**
   * Delivers an event, or several, to every endpoint that wants it, and tries again until each has it or the last
   * attempt has failed.
   *
   * @returns the deliveries: none when no endpoint wants the event
   * @throws {TypeError} for an event without a type and for wrong faults
   * @throws {EmulatorError} `closed`, `endpoint_not_found`
   */
  emit(event: Emission | readonly Emission[], options?: EmitOptions): Delivery[];
  /**
   * Delivers the same again, with the same `webhook-id` and body.
   *
   * @throws {TypeError} for wrong faults
   * @throws {EmulatorError} `closed`, `delivery_not_found`, `endpoint_not_found`, `endpoint_disabled`
   */
  replay(delivery: Delivery | string, options?: ReplayOptions): Delivery;
  /** Resolves when no delivery is pending. */
  idle(): Promise<void>;
  /** Resolves when no attempt is being made or begun: what is pending waits for its time, or is paused. */
  quiet(): Promise<void>;
  /** Calls a listener after every change; it may throw without harm. @returns ends that */
  onChange(listener: (change: EmulatorChange) => void): () => void;
  /**
   * Connects an app under test: it gets a webhook and a route, and listens on a free port if it does not listen yet.
   * Retries come without pauses, unless the option `speed` says otherwise.
   *
   * @throws {TypeError} for what is no app
   *
   * @example
   * const emulator = createEmulator();
   * const sender = await emulator.connect(createApp({ secret: emulator.secret }));
   * const { state } = await sender.deliver("message.opened");
   */
  connect(app: ConnectableApp, options?: ConnectOptions): Promise<Sender>;
  /** Stops at once: attempts under way are broken off, what is pending stays in the state file, if there is one. */
  close(): Promise<void>;
}
