import { type Reply, type WebhookErrorCode, createReceiver } from "@ahasend-webhooks/core";

import { diagnose } from "../../doctor/diagnose.js";
import type { CapturedRequest, DiagnosisProblem } from "../../doctor/diagnosis.js";
import type { RecordedRequest } from "./recording.js";

/** Diagnosing more would block the event loop for longer than 0.1 s, and anyone can send forged requests. */
const MAX_DIAGNOSED_BYTES = 100_000;

/** The verdict of a receiver on a request, and its reply. */
export type Verdict = { reply: Reply } & (
  | { kind: "verified" | "duplicate" | "unchecked" }
  | { kind: "refused"; code: WebhookErrorCode; problems: readonly DiagnosisProblem[]; message: string }
);

/** Verifies a request, and diagnoses it if it is refused. */
export type Inspector = (request: RecordedRequest) => Promise<Verdict>;

/** Records whether the handler ran. */
interface Note {
  handled: boolean;
}

/**
 * Creates an inspector from a receiver with these secrets, whose refusals the doctor explains. Without a secret it
 * acknowledges everything unverified.
 *
 * @throws {TypeError} for an unusable secret
 */
export function createInspector(secrets: readonly string[]): Inspector {
  if (secrets.length === 0) {
    return () => Promise.resolve({ kind: "unchecked", reply: { status: 204, headers: {}, body: "" } });
  }
  const receiver = createReceiver({
    secret: secrets,
    on: { "*": (_event, { native }) => void ((native as Note).handled = true) },
    onOutcome: () => undefined,
  });
  return async ({ method, headers, body }) => {
    const note: Note = { handled: false };
    const request = { method, headers: {}, rawHeaders: headers.flat(), body, native: note };
    const reply = await receiver.receive(request);
    if (reply.error === undefined) return { kind: note.handled ? "verified" : "duplicate", reply };
    const { code, message } = reply.error;
    return {
      kind: "refused",
      reply,
      code,
      message,
      problems: code === "method_not_allowed" ? [] : findProblems({ headers, body }, secrets),
    };
  };
}

function findProblems(capture: CapturedRequest, secrets: readonly string[]): readonly DiagnosisProblem[] {
  const diagnosis = diagnose(capture, { secret: secrets, maxBodyBytes: MAX_DIAGNOSED_BYTES });
  return diagnosis.verifies ? [] : diagnosis.problems;
}
