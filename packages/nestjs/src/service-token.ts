import { DEFAULT_NAME } from "./options.js";
import { AhaSendWebhooksService } from "./service.js";

/**
 * Returns the injection token for the service of a named endpoint. Inject the default endpoint's service by its class.
 *
 * @example
 * constructor(@Inject(getAhaSendWebhooksToken("inbound")) private readonly inbound: AhaSendWebhooksService) {}
 */
export function getAhaSendWebhooksToken(name: string): symbol | typeof AhaSendWebhooksService {
  return name === DEFAULT_NAME
    ? AhaSendWebhooksService
    : Symbol.for(`@ahasend-webhooks/nestjs/service/${name}`);
}
