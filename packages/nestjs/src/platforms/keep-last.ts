import type { Hook, Route } from "./fastify-like.js";

/** Appends a hook to those of a route. It stays behind those that plugins add later, such as a limit of requests. */
export function keepLast(route: Route, last: Hook): void {
  let hooks = [route.onRequest ?? []].flat();
  Object.defineProperty(route, "onRequest", {
    configurable: true,
    enumerable: true,
    // Plugins also push to what they get, and Fastify reads it after all of them.
    get: () => (hooks = [...hooks.filter((hook) => hook !== last), last]),
    set(value: Route["onRequest"]) {
      hooks = [value ?? []].flat();
    },
  });
}
