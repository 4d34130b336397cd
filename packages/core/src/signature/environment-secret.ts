/** The environment variable with the secret, where the option `secret` is left out. */
export const SECRET_VARIABLE = "AHASEND_WEBHOOK_SECRET";

/**
 * Returns the secret in the environment. Reads it when called, never at import: `.env` files are loaded later than that.
 *
 * @throws {TypeError} if it is not set, or the runtime has no `process`
 */
export function readEnvironmentSecret(): string {
  const secret = typeof process === "undefined" ? undefined : process.env?.[SECRET_VARIABLE];
  if (secret !== undefined) return secret;
  throw new TypeError(
    `secret is missing, and the environment variable ${SECRET_VARIABLE} is not set: set it to the signing secret from the webhook's page in the AhaSend dashboard, or pass secret.`,
  );
}
