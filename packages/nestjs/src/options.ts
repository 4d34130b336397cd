import type { HandlingOptions, SecretSource, Store, VerificationKeys } from "@ahasend-webhooks/core";

/** Options of an endpoint: those of `createReceiver`, without handlers. */
export type AhaSendWebhooksOptions = VerificationKeys<SecretSource> &
  Omit<HandlingOptions<Store | false>, "on">;

/** The path and name of an endpoint, which must be known before any provider exists. */
export interface EndpointOptions {
  /**
   * The path of the endpoint, below the global prefix and that of `RouterModule`. It may have parameters, such as
   * `"/webhooks/:tenant/ahasend"`, which a `secret` function can read from `request.native.params`. Set it to `false`
   * to use a controller of your own with `@UseGuards(AhaSendWebhookGuard)`.
   * @default "/webhooks/ahasend"
   */
  path?: string | false;
  /** Identifies the endpoint in `@OnAhaSendEvent`, in guards, and in a shared store. @default "default" */
  name?: string;
  /** Decorators to apply to the endpoint's controller, for metadata such as `@Public()`. @default [] */
  decorators?: readonly ClassDecorator[];
}

/** {@link EndpointOptions} with their defaults. */
export type Endpoint = Readonly<Required<EndpointOptions>>;

export const DEFAULT_NAME = "default";

/**
 * Calls a function that validates options, and prefixes its errors with the endpoint.
 *
 * @throws {TypeError} if an option is invalid; if the secret is missing, the message names the usual cause
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
    const isGiven = options !== undefined && "secret" in options;
    const hint =
      isGiven && (secret === undefined || secret === "")
        ? " If it is in a .env file, use forRootAsync with ConfigService: forRoot reads process.env when your module is imported, before ConfigModule loads the file."
        : "";
    throw new TypeError(`${describeEndpoint(endpoint)}: ${error.message}${hint}`, { cause: error });
  }
}

/** Returns the prefix of messages about an endpoint. */
export function describeEndpoint({ name, path }: Endpoint): string {
  return `AhaSendWebhooksModule, endpoint "${name}"${path === false ? "" : ` at ${path}`}`;
}
