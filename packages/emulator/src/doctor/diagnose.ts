import { type VerifiedDelivery, WebhookError, isWebhookError, sign, verify } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

import type { CapturedRequest, DiagnoseOptions, Diagnosis, DiagnosisProblem } from "./diagnosis.js";
import {
  type HeaderValues,
  findAgeProblems,
  findHeaderProblems,
  readHeaderValues,
} from "./header-problems.js";
import { findMatch } from "./find-match.js";

/**
 * Explains why a receiver with these secrets refuses a request, if it does: undoes the known mistakes with secrets,
 * bodies and signatures until the signature matches.
 *
 * @throws {TypeError} when the list of secrets is empty
 *
 * @example
 * const diagnosis = diagnose({ headers: request.headers, body: rawBody }, { secret });
 * if (!diagnosis.verifies) for (const { message } of diagnosis.problems) console.error(message);
 */
export function diagnose(capture: CapturedRequest, options: DiagnoseOptions): Diagnosis {
  const { toleranceSeconds = contract.toleranceSeconds, maxBodyBytes = Infinity, now = Date.now } = options;
  const secrets = typeof options.secret === "string" ? [options.secret] : options.secret;
  if (secrets.length === 0) throw new TypeError("secret must contain at least one secret.");
  const request = { headers: [...capture.headers], body: Buffer.from(capture.body) };
  const at = now();
  const outcome = verifyWithEach(request, secrets, { toleranceSeconds, now: () => at });
  if (!isWebhookError(outcome)) return outcome;

  const headers = readHeaderValues(request.headers);
  const problems = [
    ...findSignatureProblems(headers, request.body, secrets, maxBodyBytes),
    ...findHeaderProblems(headers),
    ...findAgeProblems(headers, toleranceSeconds, at),
  ];
  if (outcome.code === "invalid_payload") problems.push({ code: "body_invalid", message: outcome.message });
  return { verifies: false, code: outcome.code, problems: uniqueByCode(problems) };
}

interface Request {
  headers: (readonly [name: string, value: string])[];
  body: Buffer;
}

/** Verifies the request with each secret. Core decides; the doctor only explains. */
function verifyWithEach(
  { headers, body }: Request,
  secrets: readonly string[],
  clock: { toleranceSeconds: number; now: () => number },
): Extract<Diagnosis, { verifies: true }> | WebhookError {
  let refusal = new WebhookError("invalid_signature", "None of the secrets is usable.");
  for (const [secretIndex, secret] of secrets.entries()) {
    if (explainUnusableSecret(secret) !== undefined) continue;
    try {
      const delivery = verify({ headers: {}, rawHeaders: headers.flat(), body }, { secret, ...clock });
      return { verifies: true, secretIndex, ...describeDelivery(delivery) };
    } catch (error) {
      if (!isWebhookError(error)) throw error;
      // Of several refusals, keep the one that got furthest.
      if (refusal.code === "invalid_signature") refusal = error;
    }
  }
  return refusal;
}

function describeDelivery({ event, context }: VerifiedDelivery) {
  return { deliveryId: context.deliveryId, sentAt: context.sentAt, type: event.type };
}

function findSignatureProblems(
  headers: HeaderValues,
  body: Buffer,
  secrets: readonly string[],
  maxBodyBytes: number,
): DiagnosisProblem[] {
  const [id, timestamp, signature] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
    (name) => headers.get(name)?.[0] ?? "",
  ) as [string, string, string];
  if (signature === "") return [];
  if (body.length > maxBodyBytes) return describeNotSearched(body.length, maxBodyBytes);
  const match = findMatch({ id, timestamp, signature, body }, secrets);
  if (match === undefined) return explainNoMatch(headers, body);
  const message =
    match.problems.length === 0 ? explainUnusableSecret(secrets[match.secretIndex] ?? "") : undefined;
  return message === undefined
    ? [...match.problems]
    : [{ code: "secret_unusable", message: `The ${message}` }];
}

function describeNotSearched(bytes: number, maxBytes: number): DiagnosisProblem[] {
  const message = `The body has ${bytes} bytes; the cause of a wrong signature is only searched for in bodies of up to ${maxBytes}, because it takes long. Send a small event, or save this request and run \`verify\`, which has no limit.`;
  return [{ code: "body_not_searched", message }];
}

/** Names what is evidently wrong with the body, or gives general advice. */
function explainNoMatch(headers: HeaderValues, body: Buffer): DiagnosisProblem[] {
  const declared = headers.get("content-length")?.[0];
  if (body.length === 0) {
    const message =
      "The body is empty because something else read it first: verify ahead of every body parser.";
    return [{ code: "body_empty", message }];
  }
  if (body.toString("latin1", 0, 15) === "[object Object]") {
    const message = "The body was parsed, and the object converted to a string: verify the untouched bytes.";
    return [{ code: "body_parsed", message }];
  }
  if (declared !== undefined && /^[0-9]+$/.test(declared) && Number(declared) > body.length) {
    const message = `The body has ${body.length} bytes, but content-length is ${declared}: capture the complete body.`;
    return [{ code: "body_incomplete", message }];
  }
  const message =
    "No known mistake explains the signature: compare the secret with the one in the dashboard (each webhook and each inbound route has its own), and check that no proxy or middleware changes the body.";
  return [{ code: "no_match", message }];
}

/** Returns the error with which a receiver refuses to start with this secret. */
function explainUnusableSecret(secret: string): string | undefined {
  try {
    sign({ secret, id: "", timestamp: 0, body: "" });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Keeps the first problem of each code: it is the closest to the cause. */
function uniqueByCode(problems: readonly DiagnosisProblem[]): DiagnosisProblem[] {
  return problems.filter(({ code }, index) => problems.findIndex((other) => other.code === code) === index);
}
