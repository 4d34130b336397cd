import { createEvent } from "@ahasend-webhooks/testing";

import type { ConnectOptions, Emulator, Sender } from "../emulator.js";
import { EmulatorError } from "../errors.js";
import { type ConnectableApp, startListening } from "./connectable-app.js";

/**
 * Creates a webhook and an inbound route for an app.
 *
 * @param trust called for a server of `node:https`: its certificate is most likely self-signed
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
        `The endpoint has been disabled after too many failed attempts in a row: connect again, or call emulator.endpoints.enable("${endpoint.id}").`,
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
