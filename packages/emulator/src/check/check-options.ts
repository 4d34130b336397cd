import { sign } from "@ahasend-webhooks/core";

import { assertNetworkAccess } from "../transport/network-access.js";
import type { CheckResult } from "./check-report.js";

/** Options of {@link checkEndpoint}. */
export interface CheckOptions {
  /** Where the receiver takes deliveries. Its handlers really run: let it be a development instance. */
  url: string;
  /** The secret that the receiver was given. */
  secret: string;
  /**
   * A URL of the receiver that answers GET with JSON in which handlers count what they have done. Without it, work
   * that is done twice, or after the answer, cannot be seen.
   */
  effects?: string;
  /** Whether work is handed to a durable queue before the answer, so that effects may come after it. @default false */
  queued?: boolean;
  /** Names of checks or of groups: what they rest on is checked as well. @default all */
  only?: readonly string[];
  /** Names of checks or of groups to leave out. @default none */
  skip?: readonly string[];
  /** How long an answer may take. @default 5, as with AhaSend */
  attemptTimeoutSeconds?: number;
  /** How long a receiver is watched that has to cut off an upload which has come to a halt. @default 10 */
  stallSeconds?: number;
  /** How long the whole may take: what is left then is not checked. @default 120 */
  timeLimitSeconds?: number;
  /** Whether requests may leave this machine. @default false */
  allowRemote?: boolean;
  /** Accept any certificate of this machine, such as a self-signed one; not together with `allowRemote`. @default false */
  insecure?: boolean;
  /** Ends the run early. */
  signal?: AbortSignal;
  /** Told each result when it is there. */
  onResult?: (result: CheckResult) => void;
}

/** {@link CheckOptions}, checked and complete. */
export interface CheckSettings {
  url: string;
  secret: string;
  effects: string | undefined;
  queued: boolean;
  attemptTimeoutSeconds: number;
  stallSeconds: number;
  timeLimitSeconds: number;
  allowRemote: boolean;
  insecure: boolean;
}

/** The longest time that a timer of Node can run: 24 days. */
const MAX_SECONDS = 2_147_483;

/** @throws {TypeError} that names the option and the cure */
export function resolveCheckOptions(options: CheckOptions): CheckSettings {
  const { secret, effects, allowRemote = false, insecure = false, queued = false } = options;
  sign({ secret, id: "", timestamp: 0, body: "" });
  assertNetworkAccess({ allowRemote, insecure });
  if (typeof queued !== "boolean") throw new TypeError("queued is neither true nor false: leave it out.");
  return {
    url: httpUrl("url", options.url),
    secret,
    effects: effects === undefined ? undefined : httpUrl("effects", effects),
    queued,
    attemptTimeoutSeconds: seconds("attemptTimeoutSeconds", options.attemptTimeoutSeconds ?? 5),
    stallSeconds: seconds("stallSeconds", options.stallSeconds ?? 10),
    timeLimitSeconds: seconds("timeLimitSeconds", options.timeLimitSeconds ?? 120),
    allowRemote,
    insecure,
  };
}

function httpUrl(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new TypeError(
    `${name} is no URL of http or https: write it as http://localhost:3000/webhooks/ahasend.`,
  );
}

function seconds(name: string, value: number): number {
  if (value > 0 && value <= MAX_SECONDS) return value;
  throw new TypeError(`${name} is not a number of seconds above 0: leave it out for the default.`);
}
