import { Logger } from "@nestjs/common";
import type { ModulesContainer } from "@nestjs/core";

import type { Endpoint } from "./options.js";
import { ENDPOINT, WORKER_NAME } from "./tokens.js";

const logger = new Logger("AhaSendWebhooks");

/** Lists the names of the endpoints and workers of an app. */
function listEndpointNames(modules: ModulesContainer): string[] {
  return [...modules.values()].flatMap(({ providers }) => {
    const endpoint = providers.get(ENDPOINT)?.instance as Endpoint | undefined;
    const worker = providers.get(WORKER_NAME)?.instance as string | undefined;
    return [endpoint?.name, worker].filter((name) => name !== undefined);
  });
}

/** Warns if a module of ours was imported without options, and the app has no other that was imported with them. */
export function warnOfMissingOptions(modules: ModulesContainer, moduleName: string): void {
  if (listEndpointNames(modules).length > 0) return;
  logger.warn(
    `${moduleName} was imported without options, so that it does nothing: import ${moduleName}.forRoot(…).`,
  );
}

/** The handlers that were warned of, by app: each endpoint looks at all of them. */
const warned = new WeakMap<ModulesContainer, Set<string>>();

/** Warns, once, of a handler for an endpoint that the app does not have. */
export function warnOfUnknownName(
  modules: ModulesContainer,
  handler: string,
  names: readonly (string | undefined)[],
): void {
  const known = listEndpointNames(modules);
  const unknown = names.find((name) => name !== undefined && !known.includes(name));
  const handlers = warned.get(modules) ?? new Set();
  warned.set(modules, handlers);
  if (unknown === undefined || handlers.has(handler)) return;
  handlers.add(handler);
  const list = known.map((name) => JSON.stringify(name)).join(", ");
  logger.warn(
    `${handler} is for the endpoint ${JSON.stringify(unknown)}, but the endpoints of this app are ${list}: correct its name, unless another process has that endpoint.`,
  );
}
