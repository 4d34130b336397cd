import { Desk } from "@ahasend-webhooks/mail-desk";
import { type DynamicModule, Module } from "@nestjs/common";

import { DeskHandlers } from "./handlers.js";

/** The handlers and their desk, for the webhooks of a web process or of a worker. */
@Module({ providers: [DeskHandlers] })
export class AppModule {
  static register(desk: Desk, webhooks: DynamicModule): DynamicModule {
    return { module: AppModule, imports: [webhooks], providers: [{ provide: Desk, useValue: desk }] };
  }
}
