import { sign } from "@ahasend-webhooks/core";
import { MAX_TIMER_SECONDS, contract } from "@ahasend-webhooks/core/contract";

import { assertNetworkAccess } from "../transport/network-access.js";
import type { CheckedRequest } from "./probe/checked-request.js";
import type { CheckResult } from "./check-report.js";

/** Options of {@link checkEndpoint}. */
export interface CheckOptions {
  /** The URL of the receiver. Its handlers really run: use a development instance. */
  url: string;
  /** The secret that the receiver is configured with. */
  secret: string;
  /**
   * A URL of the receiver that serves JSON in which its handlers count what they do. Without it, work that is done
   * twice, or after the reply, goes unnoticed.
   */
  effects?: string;
  /** The receiver hands work to a durable queue before it replies, so effects may show later. @default false */
  queued?: boolean;
  /** Names of checks or groups to run; the checks they rest on run as well. @default all */
  only?: readonly string[];
  /** Names of checks or groups to leave out. @default none */
  skip?: readonly string[];
  /** Time to wait for each reply, in seconds. @default 5, as AhaSend does */
  attemptTimeoutSeconds?: number;
  /** Time to wait for an effect to show, in seconds. @default 2 */
  effectTimeoutSeconds?: number;
  /** Time to wait for the receiver to cut off a stalled upload, in seconds. @default 10 */
  stallSeconds?: number;
  /** The time limit of the whole run, in seconds; checks that it cuts off are left out. @default 120 */
  timeLimitSeconds?: number;
  /** Allow requests to other machines. @default false */
  allowRemote?: boolean;
  /** Accept any certificate of this machine, such as a self-signed one. Excludes `allowRemote`. @default false */
  insecure?: boolean;
  /** Ends the run early. */
  signal?: AbortSignal;
  /** Called with each result as soon as it is known. */
  onResult?: (result: CheckResult) => void;
  /** Called with each request and its outcome; not for uploads whose body is generated while it is sent. */
  onRequest?: (request: CheckedRequest) => void;
}

/** {@link CheckOptions}, validated and complete. */
export interface CheckSettings {
  url: string;
  secret: string;
  effects: string | undefined;
  queued: boolean;
  attemptTimeoutSeconds: number;
  effectTimeoutSeconds: number;
  stallSeconds: number;
  timeLimitSeconds: number;
  allowRemote: boolean;
  insecure: boolean;
  onRequest: CheckOptions["onRequest"];
}

/** @throws {TypeError} that names the option and what is accepted */
export function resolveCheckOptions(options: CheckOptions): CheckSettings {
  const { secret, effects, allowRemote = false, insecure = false, queued = false } = options;
  sign({ secret, id: "", timestamp: 0, body: "" });
  assertNetworkAccess({ allowRemote, insecure });
  if (typeof queued !== "boolean") throw new TypeError("queued must be true or false.");
  return {
    url: parseHttpUrl("url", options.url),
    secret,
    effects: effects === undefined ? undefined : parseHttpUrl("effects", effects),
    queued,
    attemptTimeoutSeconds: resolveSeconds(options, "attemptTimeoutSeconds", contract.attemptTimeoutSeconds),
    effectTimeoutSeconds: resolveSeconds(options, "effectTimeoutSeconds", 2),
    stallSeconds: resolveSeconds(options, "stallSeconds", 10),
    timeLimitSeconds: resolveSeconds(options, "timeLimitSeconds", 120),
    allowRemote,
    insecure,
    onRequest: options.onRequest,
  };
}

function parseHttpUrl(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new TypeError(
    `${name} must be an http or https URL, such as http://localhost:3000/webhooks/ahasend.`,
  );
}

type SecondsOption = keyof CheckOptions & `${string}Seconds`;

function resolveSeconds(
  options: Pick<CheckOptions, SecondsOption>,
  name: SecondsOption,
  fallback: number,
): number {
  const value = options[name] ?? fallback;
  if (value > 0 && value <= MAX_TIMER_SECONDS) return value;
  throw new TypeError(`${name} must be a number above 0, at most ${MAX_TIMER_SECONDS}.`);
}
