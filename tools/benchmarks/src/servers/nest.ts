import "reflect-metadata";

import { AhaSendWebhookGuard, AhaSendWebhooksModule, OnAhaSendEvent } from "@ahasend-webhooks/nestjs";
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpCode,
  Injectable,
  Module,
  Post,
  type RawBodyRequest,
  type Type,
  UseGuards,
} from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";

import { secret } from "../deliveries.js";
import { type StartServer, type Variant, path, webhook } from "./variant.js";

interface IncomingRequest {
  headers: Record<string, string>;
}

@Injectable()
class WebhookGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { rawBody, headers } = context.switchToHttp().getRequest<RawBodyRequest<IncomingRequest>>();
    webhook.verify(rawBody ?? "", headers);
    return true;
  }
}

@Controller(path)
class BareController {
  @Post()
  @HttpCode(204)
  receive(): void {}
}

@Controller(path)
@UseGuards(WebhookGuard)
class RecipeController {
  @Post()
  @HttpCode(204)
  receive(): void {}
}

@Controller(path)
@UseGuards(AhaSendWebhookGuard)
class VerifiedController {
  @Post()
  @HttpCode(204)
  receive(): void {}
}

@Injectable()
class Handlers {
  @OnAhaSendEvent("*")
  handle(): void {}
}

@Module({ controllers: [BareController] })
class BareModule {}

@Module({ controllers: [RecipeController], providers: [WebhookGuard] })
class RecipeModule {}

@Module({
  imports: [AhaSendWebhooksModule.forRoot({ secret, path: false })],
  controllers: [VerifiedController],
})
class VerifiedModule {}

@Module({ imports: [AhaSendWebhooksModule.forRoot({ secret, path })], providers: [Handlers] })
class ReceivedModule {}

const modules: Record<Variant, Type> = {
  bare: BareModule,
  recipe: RecipeModule,
  verified: VerifiedModule,
  received: ReceivedModule,
};

/** NestJS 12 on Express, its default. */
export const startNestOnExpress: StartServer = (variant) => start(variant, new ExpressAdapter());

/** NestJS 12 on Fastify. */
export const startNestOnFastify: StartServer = (variant) => start(variant, new FastifyAdapter());

async function start(variant: Variant, adapter: AbstractHttpAdapter): Promise<number> {
  const rawBody = variant === "recipe" || variant === "verified";
  const app = await NestFactory.create(modules[variant], adapter, { logger: false, rawBody });
  await app.listen(0, "127.0.0.1");
  return Number(new URL(await app.getUrl()).port);
}
