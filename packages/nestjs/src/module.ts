import { type DynamicModule, Inject, Module } from "@nestjs/common";
import { ModulesContainer } from "@nestjs/core";

import { warnOfMissingOptions } from "./app-endpoints.js";
import { ConfigurableModuleClass, type OPTIONS_TYPE } from "./endpoint-module.js";

/**
 * Receives AhaSend webhooks on one path and calls the methods decorated with `@OnAhaSendEvent`. Import it once per
 * endpoint. The module is global.
 *
 * @throws {TypeError} when the app starts, if an option is invalid, such as an empty secret, or a missing one without
 * `AHASEND_WEBHOOK_SECRET`
 *
 * @example
 * @Module({ imports: [AhaSendWebhooksModule.forRoot({ secret: process.env.AHASEND_WEBHOOK_SECRET! })] })
 * export class AppModule {}
 */
@Module({})
export class AhaSendWebhooksModule extends ConfigurableModuleClass {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    super();
    warnOfMissingOptions(modules, AhaSendWebhooksModule.name);
  }

  /** Receives webhooks with these options. Each has a default: the secret is that of the environment. */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
