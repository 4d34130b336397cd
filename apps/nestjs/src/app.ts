import { type AppParts, Desk, pageHeaders, renderPage } from "@ahasend-webhooks/mail-desk";
import { AhaSendWebhooksModule } from "@ahasend-webhooks/nestjs";
import { Controller, type DynamicModule, Get, Header, Inject, Module } from "@nestjs/common";

import { DeskHandlers } from "./handlers.js";

@Controller()
class DeskController {
  constructor(@Inject(Desk) private readonly desk: Desk) {}

  @Get("healthz")
  health() {
    return { status: "ok" };
  }

  @Get("stats")
  stats() {
    return this.desk.stats();
  }

  @Get()
  @Header("content-type", pageHeaders["content-type"])
  @Header("content-security-policy", pageHeaders["content-security-policy"])
  async page() {
    return renderPage(await this.desk.view());
  }
}

/** The webhooks, their handlers, and the desk. */
@Module({ controllers: [DeskController] })
export class AppModule {
  static register({ secret, desk, store, logOutcome }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AhaSendWebhooksModule.forRoot({ path: "/webhooks/ahasend", secret, store, onOutcome: logOutcome }),
      ],
      providers: [DeskHandlers, { provide: Desk, useValue: desk }],
    };
  }
}
