import type { AhaSendEventType } from "@ahasend-webhooks/core";
import { type EventOverrides, createEvent } from "@ahasend-webhooks/testing";

import { type ConnectableApp, startListening } from "./connectable-app.js";
import type { Delivery } from "../deliveries/delivery.js";
import type { Emulator } from "../emulator.js";
import { EmulatorError } from "../errors.js";
import type { EmitOptions } from "../deliveries/fan-out.js";

/** Options of {@link Emulator.connect}. */
export interface ConnectOptions {
  /** Where the app receives events. @default "/webhooks/ahasend" */
  path?: string;
}

/** Delivers events to the app under test. */
export interface Sender extends AsyncDisposable {
  /** Where the events go. */
  readonly url: string;
  /** What they are signed with. */
  readonly secret: string;
  /** For all that `deliver` does not do: several events, exact bodies, replays. */
  readonly emulator: Emulator;
  /**
   * Makes an event and delivers it, with retries.
   *
   * @returns the delivery, once it and its copies are over
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
  /** Closes the emulator, and the server if it was started by `connect`. */
  close(): Promise<void>;
}

/**
 * Makes an app the endpoint of an emulator: its webhook and its route.
 *
 * @param trust is called for a server of `node:https`, whose certificate is most likely self-signed
 */
export async function connect(
  emulator: Emulator,
  app: ConnectableApp,
  { path = "/webhooks/ahasend" }: ConnectOptions,
  trust: () => void,
): Promise<Sender> {
  const { secret } = emulator;
  const { url, isSecureServer, stop } = await startListening(app, path);
  if (isSecureServer) trust();
  const webhook = emulator.endpoints.create({ name: "connect", url, secret });
  const route = emulator.endpoints.create({ kind: "route", name: "connect", url, secret });
  const sender: Sender = {
    url,
    secret,
    emulator,
    async deliver(type, overrides, options) {
      const endpoint = type === "message.routing" ? route : webhook;
      const event = createEvent(type, overrides);
      const deliveries = emulator.emit(event, { ...options, endpoints: [endpoint.id] });
      await Promise.all(deliveries.map(({ settled }) => settled));
      const [delivery] = deliveries;
      if (delivery !== undefined) return delivery;
      throw new EmulatorError(
        "endpoint_disabled",
        `More than 100 attempts in a row have failed: connect anew, or emulator.endpoints.enable("${endpoint.id}").`,
      );
    },
    async close() {
      await emulator.close();
      await stop();
    },
    [Symbol.asyncDispose]: () => sender.close(),
  };
  return sender;
}
