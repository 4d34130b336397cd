import { join } from "node:path";

import { AhaSendWebhooksModule } from "@ahasend-webhooks/nestjs";
import {
  createLogger,
  logOutcome,
  readConfig,
  renderPage,
  type Config,
  type Desk,
  type Storage,
} from "@ahasend-webhooks/mail-desk";
import { Controller, Get, Header, Inject, Module } from "@nestjs/common";
import { ConfigModule, ConfigService } from "@nestjs/config";

import { DESK, DeskHandlers, INBOX } from "./handlers.js";
import { STORAGE, StorageModule } from "./storage-module.js";

/** The routes. */
@Controller()
class DeskController {
  constructor(@Inject(DESK) private readonly desk: Desk) {}

  @Get("healthz")
  health() {
    return { status: "ok" };
  }

  @Get("stats")
  async stats() {
    const { opens, others } = await this.desk.view();
    return { opens, others };
  }

  @Get()
  @Header("content-type", "text/html; charset=utf-8")
  @Header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
  async page(): Promise<string> {
    return renderPage(await this.desk.view());
  }
}

@Module({
  imports: [
    ConfigModule.forRoot({
      isGlobal: true,
      ignoreEnvFile: true,
      load: [() => ({ app: readConfig(process.env) })],
    }),
    StorageModule,
    AhaSendWebhooksModule.forRootAsync({
      path: "/webhooks/ahasend",
      imports: [StorageModule],
      inject: [ConfigService, STORAGE],
      useFactory: (config: ConfigService<{ app: Config }, true>, { store }: Storage) => ({
        secret: config.get("app", { infer: true }).secret,
        store,
        onOutcome: logOutcome(createLogger()),
      }),
    }),
  ],
  controllers: [DeskController],
  providers: [
    DeskHandlers,
    { provide: DESK, inject: [STORAGE], useFactory: ({ desk }: Storage) => desk },
    {
      provide: INBOX,
      inject: [ConfigService],
      useFactory: (config: ConfigService<{ app: Config }, true>) =>
        join(config.get("app", { infer: true }).dataDir, "inbox"),
    },
  ],
})
export class AppModule {}
