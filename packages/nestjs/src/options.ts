import { assertKnownOptions, receiverOptionNames } from "@ahasend-webhooks/core";
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

const ENDPOINT_OPTIONS = Object.keys({
  path: true,
  name: true,
  decorators: true,
} satisfies Record<keyof EndpointOptions, true>);

/** Options that are somewhere else in Nest, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  on: "decorate methods of providers with @OnAhaSendEvent",
  ...Object.fromEntries(
    ENDPOINT_OPTIONS.map((name) => [name, "pass it to forRootAsync itself, beside useFactory"]),
  ),
};

/** Checks the options of an endpoint, without those that must be known before any provider exists. @throws {TypeError} */
export function assertEndpointOptions(options: object): void {
  for (const [name, cure] of Object.entries(ELSEWHERE)) {
    if (Object.hasOwn(options ?? {}, name)) throw new TypeError(`${name} is not an option here: ${cure}.`);
  }
  assertKnownOptions(options, [...ENDPOINT_OPTIONS, ...receiverOptionNames]);
}

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
