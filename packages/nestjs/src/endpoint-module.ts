import { createVerifier } from "@ahasend-webhooks/core";
import { ConfigurableModuleBuilder, type DynamicModule } from "@nestjs/common";
import { DiscoveryModule } from "@nestjs/core";

import { createEndpointController } from "./endpoint-controller.js";
import { HandlerExplorer } from "./handler-explorer.js";
import { EndpointMount } from "./endpoint-mount.js";
import {
  type AhaSendWebhooksOptions,
  DEFAULT_NAME,
  type Endpoint,
  type EndpointOptions,
  assertEndpointOptions,
  prefixErrors,
} from "./options.js";
import { getAhaSendWebhooksToken } from "./service-token.js";
import { AhaSendWebhooksService } from "./service.js";
import { EndpointWorker } from "./worker/endpoint-worker.js";
import { ENDPOINT, OPTIONS, SERVICE, getVerifierToken } from "./tokens.js";

/** The class that `AhaSendWebhooksModule` extends, and the type of its options. */
export const { ConfigurableModuleClass, OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<AhaSendWebhooksOptions>({
    optionsInjectionToken: OPTIONS,
  })
    .setClassMethodName("forRoot")
    .setExtras<EndpointOptions>(
      { path: "/webhooks/ahasend", name: DEFAULT_NAME, decorators: [] },
      addEndpoint,
    )
    .build();

function addEndpoint(definition: DynamicModule, { path, name, decorators }: EndpointOptions): DynamicModule {
  const endpoint: Endpoint = {
    path: path ?? "/webhooks/ahasend",
    name: name ?? DEFAULT_NAME,
    decorators: decorators ?? [],
  };
  const service = getAhaSendWebhooksToken(endpoint.name);
  const verifier = getVerifierToken(endpoint.name);
  return {
    ...definition,
    global: true,
    imports: [...(definition.imports ?? []), DiscoveryModule],
    controllers: endpoint.path === false ? [] : [createEndpointController(endpoint, endpoint.path)],
    providers: [
      ...(definition.providers ?? []),
      { provide: ENDPOINT, useValue: endpoint },
      {
        provide: verifier,
        useFactory: (options: AhaSendWebhooksOptions) =>
          prefixErrors(endpoint, options, () => {
            assertEndpointOptions(options);
            return createVerifier(options);
          }),
        inject: [OPTIONS],
      },
      { provide: service, useClass: AhaSendWebhooksService },
      { provide: SERVICE, useExisting: service },
      HandlerExplorer,
      EndpointWorker,
      EndpointMount,
    ],
    exports: [service, verifier],
  };
}
