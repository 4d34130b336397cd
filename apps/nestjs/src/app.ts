import { AhaSendWebhooksModule } from "@ahasend-webhooks/nestjs";
import { Controller, Get, Header, Inject, Module } from "@nestjs/common";
import { ConfigModule, ConfigService } from "@nestjs/config";

import { type Config, readConfig } from "./config.js";
import { Desk } from "./desk.js";
import { DeskHandlers } from "./handlers.js";
import { createLogger, logOutcome } from "./log.js";
import { renderPage } from "./page.js";

/** The routes. */
@Controller()
class DeskController {
  constructor(@Inject(Desk) private readonly desk: Desk) {}

  @Get("healthz")
  health() {
    return { status: "ok" };
  }

  @Get()
  @Header("content-type", "text/html; charset=utf-8")
  @Header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
  page(): string {
    return renderPage(this.desk);
  }
}

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [() => readConfig(process.env)] }),
    AhaSendWebhooksModule.forRootAsync({
      path: "/webhooks/ahasend",
      inject: [ConfigService],
      useFactory: (config: ConfigService<Config, true>) => ({
        secret: config.get("secret", { infer: true }),
        onOutcome: logOutcome(createLogger()),
      }),
    }),
  ],
  controllers: [DeskController],
  providers: [
    DeskHandlers,
    {
      provide: Desk,
      inject: [ConfigService],
      useFactory: (config: ConfigService<Config, true>) => Desk.open(config.get("dataDir", { infer: true })),
    },
  ],
})
export class AppModule {}
