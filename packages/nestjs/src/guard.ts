import {
  type VerifiedDelivery,
  type Verifier,
  type WebhookError,
  isWebhookError,
  refuse,
} from "@ahasend-webhooks/core";
import { type NodeRequest, nodeRequest } from "@ahasend-webhooks/core/node";
import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  Logger,
  type Type,
} from "@nestjs/common";

import { DEFAULT_NAME } from "./options.js";
import { getVerifierToken } from "./tokens.js";

/** A request of Express, or of Fastify, which keeps Node's request in `raw`. */
export type GuardedRequest = NodeRequest & { raw?: NodeRequest; ahaSend?: VerifiedDelivery };

/** The headers that the platform sets itself. */
const PLATFORM_HEADERS = ["connection", "content-length", "content-type"];

/**
 * Verifies AhaSend webhooks in front of a method of your own controller, which can use `@VerifiedEvent()` and
 * `@VerifiedContext()`. Requires `rawBody: true` in `NestFactory.create`. It does not deduplicate: `context.deliveryId`
 * is the same for all attempts of a delivery.
 *
 * @example
 * @Post("hooks") @UseGuards(AhaSendWebhookGuard)
 * receive(@VerifiedEvent() event: AhaSendEvent) {}
 */
@Injectable()
export class AhaSendWebhookGuard implements CanActivate {
  readonly #logger = new Logger("AhaSendWebhooks");

  constructor(@Inject(getVerifierToken(DEFAULT_NAME)) private readonly verifier: Verifier) {}

  /** Returns the guard of a named endpoint. */
  static named(name: string): Type<CanActivate> {
    @Injectable()
    class NamedAhaSendWebhookGuard extends AhaSendWebhookGuard {
      constructor(@Inject(getVerifierToken(name)) verifier: Verifier) {
        super(verifier);
      }
    }
    return NamedAhaSendWebhookGuard;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    try {
      request.ahaSend = await this.verifier.verify(nodeRequest(request.raw ?? request, request, request));
      return true;
    } catch (error) {
      if (isWebhookError(error)) throw this.#refusal(error, http.getResponse());
      throw error;
    }
  }

  #refusal(error: WebhookError, response: { header(name: string, value: string): unknown }): HttpException {
    if (error.code === "body_already_parsed") {
      this.#logger.error(
        "AhaSendWebhookGuard needs the raw body: pass { rawBody: true } to NestFactory.create.",
      );
    }
    for (const [name, value] of Object.entries(refuse(error).headers)) {
      if (!PLATFORM_HEADERS.includes(name)) response.header(name, value);
    }
    const exception = new HttpException({ code: error.code }, error.status, { cause: error });
    // For filters that log it; the body of the reply has the code only.
    exception.message = error.message;
    return exception;
  }
}
