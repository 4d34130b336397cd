import type { VerifiedDelivery } from "@ahasend-webhooks/core";
import { type ExecutionContext, createParamDecorator } from "@nestjs/common";

import type { GuardedRequest } from "./guard.js";

/**
 * The event that `AhaSendWebhookGuard` has verified.
 *
 * @throws {Error} on a method without that guard
 */
export const VerifiedEvent = createParamDecorator<undefined>(
  (_data, context: ExecutionContext) => readDelivery(context).event,
);

/**
 * The context of the event: `deliveryId`, `sentAt`, `rawBody`.
 *
 * @throws {Error} on a method without that guard
 */
export const VerifiedContext = createParamDecorator<undefined>(
  (_data, context: ExecutionContext) => readDelivery(context).context,
);

function readDelivery(context: ExecutionContext): VerifiedDelivery {
  const { ahaSend } = context.switchToHttp().getRequest<GuardedRequest>();
  if (ahaSend === undefined)
    throw new Error("Nothing was verified: put @UseGuards(AhaSendWebhookGuard) on the method.");
  return ahaSend;
}
