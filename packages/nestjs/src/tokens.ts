/** The token of an endpoint's options. `Symbol.for` makes the ESM and CommonJS copies of this package agree. */
export const OPTIONS = Symbol.for("@ahasend-webhooks/nestjs/options");

/** The token of an endpoint's service within its own module. */
export const SERVICE = Symbol.for("@ahasend-webhooks/nestjs/service");

/** The token of an endpoint's name and path, and the metadata key that marks its route. */
export const ENDPOINT = Symbol.for("@ahasend-webhooks/nestjs/endpoint");

/** The token of a worker's options. */
export const WORKER_OPTIONS = Symbol.for("@ahasend-webhooks/nestjs/worker-options");

/** The token of the name of a worker's endpoint. */
export const WORKER_NAME = Symbol.for("@ahasend-webhooks/nestjs/worker-name");

/** Returns the token of an endpoint's verifier. */
export function getVerifierToken(name: string): symbol {
  return Symbol.for(`@ahasend-webhooks/nestjs/verifier/${name}`);
}
