/**
 * What stands between the emulator and a receiver.
 *
 * - `pause`: attempts wait until it is taken away
 * - `fail`: the emulator answers in place of the receiver, which gets nothing
 * - `slow`: the receiver's answer takes so many seconds more. With those the attempt may time out: then the receiver
 *   has had the event, and gets it again
 */
export type Obstacle =
  | { readonly kind: "pause" }
  | { readonly kind: "fail"; readonly status: number }
  | { readonly kind: "slow"; readonly seconds: number };

const MAX_SECONDS = 3600;

/**
 * Checks an obstacle that may come from JSON.
 *
 * @throws {TypeError} for an unknown kind and for a status or a time that is none
 */
export function checkObstacle(obstacle: Obstacle): void {
  if (obstacle.kind === "fail") {
    const { status } = obstacle;
    // A redirect would have to lead somewhere.
    if (Number.isInteger(status) && status >= 400 && status <= 599) return;
    throw new TypeError("status of the obstacle fail is not from 400 to 599: give one of those.");
  }
  if (obstacle.kind === "slow") {
    if (obstacle.seconds > 0 && obstacle.seconds <= MAX_SECONDS) return;
    throw new TypeError(`seconds of the obstacle slow is not above 0 and up to ${MAX_SECONDS}: give that.`);
  }
  if (obstacle.kind !== "pause") {
    const kind = JSON.stringify((obstacle as { kind?: unknown }).kind);
    throw new TypeError(`There is no obstacle ${kind}: use pause, fail or slow.`);
  }
}
