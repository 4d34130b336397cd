import type { VerifiedDelivery } from "@ahasend-webhooks/core";
import { type ExecutionContext, type PipeTransform, type Type, createParamDecorator } from "@nestjs/common";

import type { GuardedRequest } from "./guard.js";

/** Written down, because the type that Nest 12 infers does not exist in Nest 11. */
type VerifiedDecorator = (...pipes: (Type<PipeTransform> | PipeTransform)[]) => ParameterDecorator;

/**
 * Injects the event that `AhaSendWebhookGuard` has verified.
 *
 * @throws {Error} if the method does not have that guard
 */
export const VerifiedEvent: VerifiedDecorator = createParamDecorator<undefined>(
  (_data, context: ExecutionContext) => readDelivery(context).event,
);

/**
 * Injects the context of the verified event: `deliveryId`, `sentAt`, `rawBody`.
 *
 * @throws {Error} if the method does not have that guard
 */
export const VerifiedContext: VerifiedDecorator = createParamDecorator<undefined>(
  (_data, context: ExecutionContext) => readDelivery(context).context,
);

function readDelivery(context: ExecutionContext): VerifiedDelivery {
  const { ahaSend } = context.switchToHttp().getRequest<GuardedRequest>();
  if (ahaSend === undefined)
    throw new Error("No webhook was verified: add @UseGuards(AhaSendWebhookGuard) to the method.");
  return ahaSend;
}
