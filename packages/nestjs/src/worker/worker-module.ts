import { ConfigurableModuleBuilder, type DynamicModule, Inject, Module } from "@nestjs/common";
import { DiscoveryModule, ModulesContainer } from "@nestjs/core";

import { warnOfMissingOptions } from "../app-endpoints.js";
import { HandlerExplorer } from "../handler-explorer.js";
import { DEFAULT_NAME } from "../options.js";
import { WORKER_NAME, WORKER_OPTIONS } from "../tokens.js";
import { type AhaSendWebhooksWorkerOptions, AhaSendWebhooksWorker } from "./worker.js";

/** The name of the endpoint whose handlers the worker runs. */
export interface WorkerEndpointOptions {
  /** As in `@OnAhaSendEvent(…, { name })`. @default "default" */
  name?: string;
}

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<AhaSendWebhooksWorkerOptions>({
  optionsInjectionToken: WORKER_OPTIONS,
})
  .setClassMethodName("forRoot")
  .setExtras<WorkerEndpointOptions>({ name: DEFAULT_NAME }, addWorker)
  .build();

/**
 * Handles the deliveries of an inbox in a process without HTTP: runs the methods decorated with `@OnAhaSendEvent` for what
 * web processes have accepted with `work: false`.
 *
 * @throws {TypeError} when the app starts, if an option is invalid
 *
 * @example
 * @Module({ imports: [AhaSendWebhooksWorkerModule.forRoot({ store: inbox })], providers: [Suppressions] })
 * export class WorkerModule {}
 *
 * const app = await NestFactory.createApplicationContext(WorkerModule);
 * app.enableShutdownHooks();
 */
@Module({})
export class AhaSendWebhooksWorkerModule extends ConfigurableModuleClass {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    super();
    warnOfMissingOptions(modules, AhaSendWebhooksWorkerModule.name);
  }
}

function addWorker(definition: DynamicModule, { name }: WorkerEndpointOptions): DynamicModule {
  return {
    ...definition,
    imports: [...(definition.imports ?? []), DiscoveryModule],
    providers: [
      ...(definition.providers ?? []),
      { provide: WORKER_NAME, useValue: name ?? DEFAULT_NAME },
      AhaSendWebhooksWorker,
      HandlerExplorer,
    ],
    exports: [AhaSendWebhooksWorker],
  };
}
