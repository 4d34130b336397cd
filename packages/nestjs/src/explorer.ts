import type { AhaSendEvent, Handlers, UnknownEvent, WebhookContext } from "@ahasend-webhooks/core";
import { Inject, Injectable, Logger } from "@nestjs/common";
import { DiscoveryService, MetadataScanner, Reflector } from "@nestjs/core";

import { HANDLER, type HandlerMetadata } from "./on-event.js";

type Call = (event: AhaSendEvent | UnknownEvent, context: WebhookContext) => unknown;
type Wrapper = ReturnType<DiscoveryService["getProviders"]>[number];

/** Finds the methods that `@OnAhaSendEvent` decorates. */
@Injectable()
export class HandlerExplorer {
  readonly #logger = new Logger("AhaSendWebhooks");

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  /** The handlers of an endpoint, by event type; several of one type become one. */
  handlersOf(endpoint: string): Handlers {
    const calls = new Map<string, Call[]>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      for (const { keys, name, method } of this.#decorated(wrapper)) {
        if (name !== undefined && name !== endpoint) continue;
        if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
          this.#logger.warn(`${wrapper.name}.${method} is not called: give its provider the default scope.`);
          continue;
        }
        const { instance } = wrapper as { instance: Record<string, Call> };
        const call: Call = (event, context) => instance[method]?.(event, context);
        for (const key of keys) calls.set(key, [...(calls.get(key) ?? []), call]);
      }
    }
    // Each key's calls were typed by the decorator.
    return Object.fromEntries([...calls].map(([key, list]) => [key, runAll(list)]));
  }

  #decorated(wrapper: Wrapper): (HandlerMetadata & { method: string })[] {
    if (wrapper.isAlias) return [];
    const prototype = prototypeOf(wrapper);
    if (prototype === undefined) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const target = prototype[method];
      if (typeof target !== "function") return [];
      const metadata = this.reflector.get<HandlerMetadata | undefined>(HANDLER, target as () => unknown);
      return metadata === undefined ? [] : [{ ...metadata, method }];
    });
  }
}

/** That of the instance, which a factory or a value may have made; a request-scoped provider has only its class. */
function prototypeOf({ instance, metatype }: Wrapper): Record<string, unknown> | undefined {
  const owner: unknown =
    typeof instance === "object" && instance !== null ? Object.getPrototypeOf(instance) : metatype?.prototype;
  return typeof owner === "object" && owner !== null ? (owner as Record<string, unknown>) : undefined;
}

/** Runs handlers side by side and lets all of them end: a retry must not meet one that still runs. */
function runAll(calls: readonly Call[]): Call {
  return async (event, context) => {
    const results = await Promise.allSettled(calls.map(async (call) => call(event, context)));
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "Several handlers of one event failed.");
  };
}
