/**
 * A change of how deliveries reach an endpoint.
 *
 * - `pause`: attempts wait until the override is removed
 * - `fail`: the emulator replies in place of the receiver, which gets nothing
 * - `slow`: the receiver's reply takes `seconds` longer. If the attempt times out, the receiver has had the event, and
 *   gets it again
 */
export type EndpointOverride =
  | { readonly kind: "pause" }
  | { readonly kind: "fail"; readonly status: number }
  | { readonly kind: "slow"; readonly seconds: number };

const MAX_SECONDS = 3600;

/**
 * Validates an override, which may come from JSON.
 *
 * @throws {TypeError} for an unknown kind or an invalid field
 */
export function assertEndpointOverride(override: EndpointOverride): void {
  if (override.kind === "fail") {
    const { status } = override;
    // A redirect would have to lead somewhere.
    if (Number.isInteger(status) && status >= 400 && status <= 599) return;
    throw new TypeError("status of the override fail must be a whole number from 400 to 599.");
  }
  if (override.kind === "slow") {
    if (override.seconds > 0 && override.seconds <= MAX_SECONDS) return;
    throw new TypeError(`seconds of the override slow must be a number above 0, at most ${MAX_SECONDS}.`);
  }
  if (override.kind !== "pause") {
    const kind = JSON.stringify((override as { kind?: unknown }).kind);
    throw new TypeError(`${kind} is not an override: use pause, fail or slow.`);
  }
}
