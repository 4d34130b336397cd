import type { LookupFunction } from "node:net";

import { sign } from "@ahasend-webhooks/core";

import { type Clock, systemClock } from "./clock.js";
import { assertNetworkAccess } from "./transport/network-access.js";

/** Options of {@link createEmulator}. */
export interface EmulatorOptions {
  /**
   * Divides the pauses between attempts: 1000 makes 16 minutes one second, `Infinity` leaves none out.
   * @default 1, and Infinity once {@link Emulator.connect} is used
   */
  speed?: number;
  /** How long a receiver may take to answer, in real seconds at any speed. @default 5 */
  attemptTimeoutSeconds?: number;
  /** What `connect` signs with: give the same to the app. @default a new one: see {@link Emulator.secret} */
  secret?: string;
  /** A file that keeps endpoints, counters and pending deliveries over restarts. @default none: memory only */
  state?: string;
  /** Called when the state file cannot be written. @default console.warn */
  onWarning?: (message: string) => void;
  /** Whether deliveries may leave this machine. @default false */
  allowRemote?: boolean;
  /**
   * Accept any certificate of this machine, such as a self-signed one; not together with `allowRemote`.
   * @default false, and true once {@link Emulator.connect} is given a server of `node:https`
   */
  insecure?: boolean;
  /** How many deliveries are remembered once they are over. @default 1000 */
  journalLimit?: number;
  /** What their bodies may take. @default 64_000_000 */
  journalBytes?: number;
  /** How many attempts are made at the same time per endpoint: the others wait. @default 256 */
  concurrency?: number;
  /** More failed attempts in a row than this switch an endpoint off; `Infinity` for never. @default 100 */
  disableAfterFailures?: number;
  /** What attempts are dated by and scheduled on: {@link steppedClock} in tests. @default the system's */
  clock?: Clock;
  /** For the jitter, from 0 to 1: {@link seededRandom} in tests. @default Math.random */
  random?: () => number;
  /** Resolves host names, as the option of this name in `node:net`. @default dns.lookup */
  lookup?: LookupFunction;
}

/** {@link EmulatorOptions}, checked and complete. */
export interface Settings {
  speed: number | undefined;
  attemptTimeoutMs: number;
  secret: string | undefined;
  state: string | undefined;
  onWarning: (message: string) => void;
  allowRemote: boolean;
  insecure: boolean;
  historyLimits: { deliveries: number; bytes: number };
  concurrency: number;
  disableAfterFailures: number;
  clock: Clock;
  random: () => number;
  lookup: LookupFunction | undefined;
}

/** @throws {TypeError} that names the option and the cure */
export function resolveOptions(options: EmulatorOptions): Settings {
  const { speed, attemptTimeoutSeconds = 5, secret, allowRemote = false, insecure = false } = options;
  const { journalLimit = 1000, journalBytes = 64_000_000, concurrency = 256 } = options;
  const { disableAfterFailures = 100 } = options;
  if (speed !== undefined) assertSpeed(speed);
  if (!(attemptTimeoutSeconds > 0 && attemptTimeoutSeconds <= 3600)) {
    throw new TypeError("attemptTimeoutSeconds is not above 0 and up to 3600: leave it out for AhaSend's 5.");
  }
  if (secret !== undefined) sign({ secret, id: "", timestamp: 0, body: "" });
  assertNetworkAccess({ allowRemote, insecure });
  for (const [name, value, least] of [
    ["journalLimit", journalLimit, 0],
    ["journalBytes", journalBytes, 0],
    ["concurrency", concurrency, 1],
    ["disableAfterFailures", disableAfterFailures, 0],
  ] as const) {
    if (!(Number.isInteger(value) || value === Infinity) || value < least) {
      throw new TypeError(`${name} is not a whole number from ${least} on: leave it out for the default.`);
    }
  }
  return {
    speed,
    attemptTimeoutMs: attemptTimeoutSeconds * 1000,
    secret,
    state: options.state,
    onWarning: options.onWarning ?? ((message) => console.warn(message)),
    allowRemote,
    insecure,
    historyLimits: { deliveries: journalLimit, bytes: journalBytes },
    concurrency,
    disableAfterFailures,
    clock: options.clock ?? systemClock,
    random: options.random ?? (() => Math.random()),
    lookup: options.lookup,
  };
}

/** Slower, and a retry would be due after the last date that JavaScript knows. */
const MIN_SPEED = 0.001;

/** @throws {TypeError} unless it is a number from 0.001 on */
export function assertSpeed(speed: number): void {
  if (!(speed >= MIN_SPEED)) {
    throw new TypeError(
      `speed must be a number of ${MIN_SPEED} or more: leave it out for AhaSend's own pauses.`,
    );
  }
}
