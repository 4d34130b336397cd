import { createVerifier } from "@ahasend-webhooks/core";
import { ConfigurableModuleBuilder, type DynamicModule, Module } from "@nestjs/common";
import { DiscoveryModule } from "@nestjs/core";

import { endpointController } from "./controller.js";
import { HandlerExplorer } from "./explorer.js";
import { EndpointMount } from "./mount.js";
import {
  type AhaSendWebhooksOptions,
  DEFAULT_NAME,
  ENDPOINT,
  type Endpoint,
  type EndpointOptions,
  OPTIONS,
  SERVICE,
  nameEndpoint,
} from "./options.js";
import { AhaSendWebhooksService } from "./service.js";
import { getAhaSendWebhooksToken, verifierToken } from "./tokens.js";

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<AhaSendWebhooksOptions>({
  optionsInjectionToken: OPTIONS,
})
  .setClassMethodName("forRoot")
  .setExtras<EndpointOptions>({ path: "/webhooks/ahasend", name: DEFAULT_NAME, decorators: [] }, withEndpoint)
  .build();

/**
 * Receives AhaSend's webhooks on one path and calls the methods that `@OnAhaSendEvent` decorates. Import it once per
 * endpoint; it is global.
 *
 * @throws {TypeError} for wrong options, such as an empty secret, when the app starts
 *
 * @example
 * @Module({ imports: [AhaSendWebhooksModule.forRoot({ secret: process.env.AHASEND_WEBHOOK_SECRET! })] })
 * export class AppModule {}
 */
@Module({})
export class AhaSendWebhooksModule extends ConfigurableModuleClass {}

function withEndpoint(definition: DynamicModule, { path, name, decorators }: EndpointOptions): DynamicModule {
  const endpoint: Endpoint = {
    path: path ?? "/webhooks/ahasend",
    name: name ?? DEFAULT_NAME,
    decorators: decorators ?? [],
  };
  const service = getAhaSendWebhooksToken(endpoint.name);
  const verifier = verifierToken(endpoint.name);
  return {
    ...definition,
    global: true,
    imports: [...(definition.imports ?? []), DiscoveryModule],
    controllers: endpoint.path === false ? [] : [endpointController(endpoint, endpoint.path)],
    providers: [
      ...(definition.providers ?? []),
      { provide: ENDPOINT, useValue: endpoint },
      {
        provide: verifier,
        useFactory: (options: AhaSendWebhooksOptions) =>
          nameEndpoint(endpoint, options, () => createVerifier(options)),
        inject: [OPTIONS],
      },
      { provide: service, useClass: AhaSendWebhooksService },
      { provide: SERVICE, useExisting: service },
      HandlerExplorer,
      EndpointMount,
    ],
    exports: [service, verifier],
  };
}
