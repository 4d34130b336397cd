/** The token of an endpoint's options. `Symbol.for`, so that the ESM and the CommonJS copy of this package agree. */
export const OPTIONS = Symbol.for("@ahasend-webhooks/nestjs/options");

/** The token of an endpoint's service inside its own module. */
export const SERVICE = Symbol.for("@ahasend-webhooks/nestjs/service");

/** The token of an endpoint's name and path; also marks its route. */
export const ENDPOINT = Symbol.for("@ahasend-webhooks/nestjs/endpoint");

/** The token of an endpoint's verifier. */
export function getVerifierToken(name: string): symbol {
  return Symbol.for(`@ahasend-webhooks/nestjs/verifier/${name}`);
}
