import type { Handlers } from "@ahasend-webhooks/core";
import { Inject, Injectable, Logger } from "@nestjs/common";
import { DiscoveryService, ModulesContainer } from "@nestjs/core";

import { warnOfUnknownName } from "./app-endpoints.js";
import { type EventHandler, combineHandlers } from "./combine-handlers.js";
import { isObject, readSubscriptions } from "./subscriptions.js";

type Wrapper = ReturnType<DiscoveryService["getProviders"]>[number];

/** Finds the methods that are decorated with `@OnAhaSendEvent`. */
@Injectable()
export class HandlerExplorer {
  readonly #logger = new Logger("AhaSendWebhooks");

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /** Finds the handlers of an endpoint by event type, and combines several of one type. */
  findHandlers(endpoint: string): Handlers {
    const handlers = new Map<string, EventHandler[]>();
    for (const { wrapper, prototype } of this.#listProviders()) {
      for (const [method, subscriptions] of readSubscriptions(prototype)) {
        const fullName = `${wrapper.name}.${String(method)}`;
        const names = subscriptions.map(({ name }) => name);
        warnOfUnknownName(this.modules, fullName, names);
        const keys = subscriptions
          .filter(({ name }) => name === undefined || name === endpoint)
          .flatMap((subscription) => subscription.keys);
        if (keys.length === 0) continue;
        if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
          this.#logger.warn(`${fullName} will not be called: give its provider the default scope.`);
          continue;
        }
        const instance = wrapper.instance as Record<string | symbol, EventHandler>;
        // Looked up at each call: the method may have been wrapped on the instance. A missing one must fail.
        const handler: EventHandler = (event, context) => (instance[method] as EventHandler)(event, context);
        for (const key of new Set(keys)) handlers.set(key, [...(handlers.get(key) ?? []), handler]);
      }
    }
    // The decorator has checked the types.
    return Object.fromEntries([...handlers].map(([key, list]) => [key, combineHandlers(list)]));
  }

  /** Lists every provider and controller once: a handler must not run twice because its class is listed twice. */
  #listProviders(): { wrapper: Wrapper; prototype: object }[] {
    const instances = new Set<unknown>();
    const classes = new Map<unknown, Set<unknown>>();
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()].flatMap((wrapper) => {
      const prototype = wrapper.isAlias ? undefined : findPrototype(wrapper);
      if (prototype === undefined || readSubscriptions(prototype).size === 0) return [];
      const { instance, token } = wrapper;
      if (isObject(instance) && instances.has(instance)) return [];
      instances.add(instance);
      const known = classes.get(token) ?? new Set();
      classes.set(token, known);
      if (known.has(prototype)) {
        this.#logger.warn(
          `${wrapper.name} is a provider of several modules, and only its first instance handles events. List it in one module, export it, and import that module.`,
        );
        return [];
      }
      known.add(prototype);
      return [{ wrapper, prototype }];
    });
  }
}

/** Returns the prototype of the instance, which may come from a factory; a request-scoped provider only has a class. */
function findPrototype({ instance, metatype }: Wrapper): object | undefined {
  const owner: unknown = isObject(instance) ? Object.getPrototypeOf(instance) : metatype?.prototype;
  return isObject(owner) ? owner : undefined;
}
