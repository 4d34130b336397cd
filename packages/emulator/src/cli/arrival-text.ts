import type { Forwarded } from "./forward.js";
import { problemLines } from "./diagnosis-text.js";
import type { Verdict } from "./judge.js";
import { paint } from "./output.js";
import type { RecordedRequest } from "./recording.js";
import { forwardedData, forwardedText, nameOf, nameText } from "./request-text.js";

const COLOURS = { verified: "green", duplicate: "yellow", unchecked: "yellow", refused: "red" } as const;

/** A request that has arrived, for people: a line, and one for each problem. */
export function arrivalLines(
  request: RecordedRequest,
  verdict: Verdict,
  forwarded: Forwarded | undefined,
): string[] {
  const { kind, reply } = verdict;
  const what = verdict.kind === "refused" ? `${kind}: ${verdict.code}` : kind;
  const line = [
    request.receivedAt.toTimeString().slice(0, "hh:mm:ss".length),
    nameText(request),
    paint(COLOURS[kind], what),
    forwarded === undefined ? `answered ${reply.status}` : `forwarded: ${forwardedText(forwarded)}`,
  ].join("  ");
  if (verdict.kind !== "refused") return [line];
  const problems = problemLines(verdict.problems);
  return [line, ...(problems.length > 0 ? problems : [`  ${verdict.message}`])];
}

/** The same for programs. */
export function arrivalData(
  request: RecordedRequest,
  verdict: Verdict,
  forwarded: Forwarded | undefined,
): object {
  const { receivedAt, method, url, headers, body } = request;
  const refusal = verdict.kind === "refused" ? { code: verdict.code, problems: verdict.problems } : {};
  const status =
    forwarded === undefined ? verdict.reply.status : "status" in forwarded ? forwarded.status : 502;
  return {
    kind: "request",
    ...nameOf(request),
    receivedAt,
    method,
    url,
    headers,
    bodyBytes: body.length,
    verdict: verdict.kind,
    ...refusal,
    status,
    forwarded: forwarded === undefined ? null : forwardedData(forwarded),
  };
}
