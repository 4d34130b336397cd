import { contract } from "@ahasend-webhooks/core/contract";

import { type Attempt, isDelivered } from "../deliveries/attempt.js";
import { diagnose } from "./diagnose.js";
import type { DiagnosisProblem } from "./diagnosis.js";
import { formatDuration } from "./format-duration.js";
import { findErrorCause, findReceiverCause } from "./receiver-causes.js";
import type { RefusalReport } from "./refusal-report.js";

/** Diagnosing more would block the event loop for longer than 0.1 s. */
const MAX_DIAGNOSED_BYTES = 100_000;

/** Options of {@link explainRefusal}. */
export interface RefusalOptions {
  /** The secret of the endpoint; `undefined` if it was deleted. */
  secret: string | undefined;
  /** The request was altered on purpose, by a fault or a check. */
  isAltered: boolean;
}

type RefusedAttempt = Pick<
  Attempt,
  "startedAt" | "latencyMs" | "request" | "response" | "error" | "redirects"
>;

/**
 * Explains why a receiver refused an attempt, by the reply, the secret of the endpoint, the clocks and the body; or why it
 * did not reply.
 *
 * @returns `undefined` for an attempt that was acknowledged, or whose error explains itself
 */
export function explainRefusal(
  attempt: RefusedAttempt,
  { secret, isAltered }: RefusalOptions,
): RefusalReport | undefined {
  const { response, redirects } = attempt;
  if (response === undefined) return explainError(attempt);
  if (isDelivered(attempt)) return undefined;
  const code = readCode(response.body);
  const problems = secret === undefined ? undefined : findProblems(attempt, secret);
  const verifies = problems === undefined ? null : problems.length === 0;
  return {
    code: code ?? null,
    verifies,
    causes: [
      ...(verifies === false ? explainInvalidRequest(problems ?? [], isAltered) : []),
      ...(redirects.some(({ status }) => status !== 307 && status !== 308) ? [REDIRECTED] : []),
      ...(verifies === false
        ? []
        : [...explainClocks(attempt, code), findReceiverCause(response.status, code)]),
    ],
  };
}

function explainError({ error }: RefusedAttempt): RefusalReport | undefined {
  const cause = findErrorCause(error?.code ?? "");
  return cause === undefined ? undefined : { code: null, verifies: null, causes: [cause] };
}

const REDIRECTED =
  "A redirect turned the POST into a GET without a body: use the URL it leads to as the URL of the endpoint, with the same slash at the end.";

/** Returns the problems of the request as it was sent: none if it is valid. */
function findProblems({ request, startedAt }: RefusedAttempt, secret: string): readonly DiagnosisProblem[] {
  const capture = { headers: Object.entries(request.headers), body: request.body };
  const options = { secret, maxBodyBytes: MAX_DIAGNOSED_BYTES, now: () => startedAt.getTime() };
  const diagnosis = diagnose(capture, options);
  return diagnosis.verifies ? [] : diagnosis.problems;
}

function explainInvalidRequest(problems: readonly DiagnosisProblem[], isAltered: boolean): string[] {
  if (isAltered) {
    return [
      "The request was altered on purpose, so the refusal is right.",
      // The secret was another one on purpose: there is nothing to compare.
      ...problems.filter(({ code }) => code !== "no_match").map(({ message }) => message),
    ];
  }
  if (problems.some(({ code }) => code === "no_match")) {
    return ["The endpoint has got another secret since this attempt: replay the delivery to sign it again."];
  }
  return problems.map(({ message }) => message);
}

/** Compares the receiver's clock, which the reply shows in whole seconds, with the one that signed. */
function explainClocks(
  { response, startedAt, latencyMs }: RefusedAttempt,
  code: string | undefined,
): string[] {
  const repliedAt = Date.parse(response?.headers["date"] ?? "");
  const aheadMs = repliedAt - (startedAt.getTime() + latencyMs);
  if (Number.isNaN(aheadMs) || Math.abs(aheadMs) < (contract.toleranceSeconds / 2) * 1000) {
    return code === "stale_timestamp" && !Number.isNaN(aheadMs)
      ? ["The clocks of the receiver and the emulator agree: the receiver may have a small toleranceSeconds."]
      : [];
  }
  const distance = formatDuration(Math.round(Math.abs(aheadMs) / 1000));
  return [`The receiver's clock is ${distance} ${aheadMs > 0 ? "ahead" : "behind"}: set it (NTP).`];
}

/** Returns the code in the body of a reply: `{"code":"invalid_signature"}`. */
function readCode(body: string): string | undefined {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}
