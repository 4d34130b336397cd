import { type VerifiedDelivery, WebhookError, isWebhookError, sign, verify } from "@ahasend-webhooks/core";

import type { CapturedRequest, DiagnoseOptions, Diagnosis, DiagnosisProblem } from "./diagnosis.js";
import {
  type HeaderValues,
  findAgeProblems,
  findHeaderProblems,
  readHeaderValues,
} from "./header-problems.js";
import { findMatch } from "./find-match.js";

/**
 * Says whether a receiver with these secrets accepts a request and, if not, why: it tries what is known to go wrong
 * with secrets, bodies and signatures, and names what makes the signature match.
 *
 * @throws {TypeError} when there is no secret
 *
 * @example
 * const diagnosis = diagnose({ headers: request.headers, body: rawBody }, { secret });
 * if (!diagnosis.verifies) for (const { message } of diagnosis.problems) console.error(message);
 */
export function diagnose(capture: CapturedRequest, options: DiagnoseOptions): Diagnosis {
  const { toleranceSeconds = 300, maxBodyBytes = Infinity, now = Date.now } = options;
  const secrets = typeof options.secret === "string" ? [options.secret] : options.secret;
  if (secrets.length === 0) throw new TypeError("secret is an empty list: give at least one.");
  const request = { headers: [...capture.headers], body: Buffer.from(capture.body) };
  const at = now();
  const verdict = verifyWithEach(request, secrets, { toleranceSeconds, now: () => at });
  if (!isWebhookError(verdict)) return verdict;

  const headers = readHeaderValues(request.headers);
  const problems = [
    ...findSignatureProblems(headers, request.body, secrets, maxBodyBytes),
    ...findHeaderProblems(headers),
    ...findAgeProblems(headers, toleranceSeconds, at),
  ];
  if (verdict.code === "invalid_payload") problems.push({ code: "body_invalid", message: verdict.message });
  return { verifies: false, code: verdict.code, problems: uniqueByCode(problems) };
}

interface Request {
  headers: (readonly [name: string, value: string])[];
  body: Buffer;
}

/** What a receiver with these secrets says: core is the judge, and the doctor only explains. */
function verifyWithEach(
  { headers, body }: Request,
  secrets: readonly string[],
  clock: { toleranceSeconds: number; now: () => number },
): Extract<Diagnosis, { verifies: true }> | WebhookError {
  let refusal = new WebhookError("invalid_signature", "No secret is usable.");
  for (const [secretIndex, secret] of secrets.entries()) {
    if (explainUnusableSecret(secret) !== undefined) continue;
    try {
      const delivery = verify({ headers: {}, rawHeaders: headers.flat(), body }, { secret, ...clock });
      return { verifies: true, secretIndex, ...describeDelivery(delivery) };
    } catch (error) {
      if (!isWebhookError(error)) throw error;
      // Of several secrets the one counts that came furthest.
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
  const message = `The body has ${bytes} bytes, and the cause of a wrong signature is looked for in up to ${maxBytes}, because it takes long: send a small event, or save this request for \`verify\`, which takes any.`;
  return [{ code: "body_not_searched", message }];
}

/** A body that is evidently not what was signed, or else the general advice. */
function explainNoMatch(headers: HeaderValues, body: Buffer): DiagnosisProblem[] {
  const declared = headers.get("content-length")?.[0];
  if (body.length === 0) {
    const message =
      "The body is empty: something has read it before, so verify in front of every body parser.";
    return [{ code: "body_empty", message }];
  }
  if (body.toString("latin1", 0, 15) === "[object Object]") {
    const message = "The body was parsed and written as [object Object]: keep the bytes as they came.";
    return [{ code: "body_parsed", message }];
  }
  if (declared !== undefined && /^[0-9]+$/.test(declared) && Number(declared) > body.length) {
    const message = `The body has ${body.length} bytes, and content-length says ${declared}: the end is lost, so capture the whole of it.`;
    return [{ code: "body_incomplete", message }];
  }
  const message =
    "Nothing that was tried makes the signature match: compare the secret with the one on this webhook's page in the dashboard (a route has its own), and check that nothing in front changes the body.";
  return [{ code: "no_match", message }];
}

/** Why a receiver would not start with a secret. */
function explainUnusableSecret(secret: string): string | undefined {
  try {
    sign({ secret, id: "", timestamp: 0, body: "" });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Of several problems of one kind the first, which is the closest to the cause. */
function uniqueByCode(problems: readonly DiagnosisProblem[]): DiagnosisProblem[] {
  return problems.filter(({ code }, index) => problems.findIndex((other) => other.code === code) === index);
}
