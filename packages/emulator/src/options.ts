import type { LookupFunction } from "node:net";

import { sign } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

import { type Clock, systemClock } from "./clock.js";
import { assertNetworkAccess } from "./transport/network-access.js";

/** Options of {@link createEmulator}. */
export interface EmulatorOptions {
  /**
   * Divides the pauses between attempts: 1000 turns 16 minutes into one second, `Infinity` leaves the pauses out.
   * @default 1, and Infinity once {@link Emulator.connect} is used
   */
  speed?: number;
  /** Time limit for the reply, in real seconds at any speed. @default 5 */
  attemptTimeoutSeconds?: number;
  /** Secret that `connect` signs with: pass the same one to the app. @default a new one, see {@link Emulator.secret} */
  secret?: string;
  /** File that keeps endpoints, counters, pending deliveries and saved events across restarts. @default memory only */
  state?: string;
  /** Called when the state file cannot be written. @default console.warn */
  onWarning?: (message: string) => void;
  /** Allow deliveries to other machines. @default false */
  allowRemote?: boolean;
  /**
   * Accept any certificate of this machine, such as a self-signed one; not together with `allowRemote`.
   * @default false, and true once a server of `node:https` is passed to {@link Emulator.connect}
   */
  insecure?: boolean;
  /** Number of settled deliveries to keep. @default 1000 */
  journalLimit?: number;
  /** Bytes that their bodies may take. @default 64_000_000 */
  journalBytes?: number;
  /** Attempts at the same time, per endpoint; others wait. @default 256 */
  concurrency?: number;
  /** Failed attempts in a row; one more disables an endpoint. `Infinity`: never. @default 100 */
  disableAfterFailures?: number;
  /** Clock that dates and schedules attempts: {@link steppedClock} in tests. @default the system clock */
  clock?: Clock;
  /** Returns numbers from 0 to 1 for the jitter: {@link seededRandom} in tests. @default Math.random */
  random?: () => number;
  /** Resolves host names, as the option of this name in `node:net`. @default dns.lookup */
  lookup?: LookupFunction;
}

/** {@link EmulatorOptions}, validated and complete. */
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

const MAX_ATTEMPT_SECONDS = 3600;

/** @throws {TypeError} with the option and what it must be */
export function resolveOptions(options: EmulatorOptions): Settings {
  const {
    speed,
    attemptTimeoutSeconds = contract.attemptTimeoutSeconds,
    secret,
    allowRemote = false,
    insecure = false,
  } = options;
  const { journalLimit = 1000, journalBytes = 64_000_000, concurrency = 256 } = options;
  const { disableAfterFailures = contract.maxFailuresInARow } = options;
  if (speed !== undefined) assertSpeed(speed);
  if (!(attemptTimeoutSeconds > 0 && attemptTimeoutSeconds <= MAX_ATTEMPT_SECONDS)) {
    throw new TypeError(`attemptTimeoutSeconds must be a number above 0, at most ${MAX_ATTEMPT_SECONDS}.`);
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
      throw new TypeError(`${name} must be a whole number of ${least} or more, or Infinity.`);
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

/** With a lower speed, a retry could be due after the last date that JavaScript can represent. */
const MIN_SPEED = 0.001;

/** @throws {TypeError} unless it is a number of 0.001 or more */
export function assertSpeed(speed: number): void {
  if (!(speed >= MIN_SPEED)) {
    throw new TypeError(`speed must be a number of ${MIN_SPEED} or more: use 1 for AhaSend's own pauses.`);
  }
}
