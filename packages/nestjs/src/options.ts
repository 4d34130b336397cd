import type { HandlingOptions, SecretSource, Store, VerificationKeys } from "@ahasend-webhooks/core";

/** What an endpoint verifies with and how it handles: the options of every adapter, without handlers. */
export type AhaSendWebhooksOptions = VerificationKeys<SecretSource> &
  Omit<HandlingOptions<Store | false>, "on">;

/** Where an endpoint is and what it is called: known before any provider exists. */
export interface EndpointOptions {
  /**
   * Where deliveries arrive, below the global prefix and `RouterModule`'s. It may have parameters, such as
   * `"/webhooks/:tenant/ahasend"`; `secret` finds them in `request.native.params`. `false` for a controller of your
   * own with `@UseGuards(AhaSendWebhookGuard)`.
   * @default "/webhooks/ahasend"
   */
  path?: string | false;
  /** Distinguishes several endpoints: in `@OnAhaSendEvent`, in guards, and in a store they share. @default "default" */
  name?: string;
  /** Decorators for the endpoint's controller, for metadata such as `@Public()`. @default [] */
  decorators?: readonly ClassDecorator[];
}

/** {@link EndpointOptions} with their defaults. */
export type Endpoint = Readonly<Required<EndpointOptions>>;

export const DEFAULT_NAME = "default";

/**
 * Creates something from an endpoint's options.
 *
 * @throws {TypeError} for wrong options, with the name of the endpoint, and for a missing secret with the usual cause
 */
export function prefixErrors<Created>(
  endpoint: Endpoint,
  options: { readonly secret?: unknown } | undefined,
  create: () => Created,
): Created {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const secret = options?.secret;
    const hint =
      secret === undefined || secret === ""
        ? " If it is in a .env file, use forRootAsync with ConfigService: forRoot reads process.env when your module is imported, before ConfigModule has loaded the file."
        : "";
    throw new TypeError(`${describeEndpoint(endpoint)}: ${error.message}${hint}`, { cause: error });
  }
}

/** Returns how messages begin that concern an endpoint. */
export function describeEndpoint({ name, path }: Endpoint): string {
  return `AhaSendWebhooksModule, endpoint "${name}"${path === false ? "" : ` at ${path}`}`;
}
