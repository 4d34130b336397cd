import type { HandlingOptions, SecretSource, Store, VerificationKeys } from "@ahasend-webhooks/core";

/** What an endpoint verifies with and how it handles: the options of every adapter, without handlers. */
export type AhaSendWebhooksOptions = VerificationKeys<SecretSource> &
  Omit<HandlingOptions<Store | false>, "on">;

/** Where an endpoint is and what it is called: known before any provider exists. */
export interface EndpointOptions {
  /**
   * Where deliveries arrive, below the global prefix. `false` for a controller of your own with
   * `@UseGuards(AhaSendWebhookGuard)`.
   * @default "/webhooks/ahasend"
   */
  path?: string | false;
  /** Tells several endpoints apart: in `@OnAhaSendEvent`, in guards, and in a store they share. @default "default" */
  name?: string;
  /** Decorators for the endpoint's controller, for metadata such as `@Public()`. @default [] */
  decorators?: readonly ClassDecorator[];
}

export const DEFAULT_NAME = "default";

/** The token of an endpoint's options. `Symbol.for`, so that the ESM and the CommonJS copy of this package agree. */
export const OPTIONS = Symbol.for("@ahasend-webhooks/nestjs/options");

/** The token of an endpoint's service inside its own module. */
export const SERVICE = Symbol.for("@ahasend-webhooks/nestjs/service");

/** The token of an endpoint's name and path. */
export const ENDPOINT = Symbol.for("@ahasend-webhooks/nestjs/endpoint");
