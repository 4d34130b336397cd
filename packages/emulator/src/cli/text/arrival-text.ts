import { problemLines } from "./diagnosis-text.js";
import type { Arrival } from "../listener/listener.js";
import { paint } from "../output.js";
import { RECORDED_UNVERIFIED_BYTES } from "../listener/recording.js";
import { forwardedData, forwardedText, identifyRequest, requestText } from "./request-text.js";

const COLOURS = { verified: "green", duplicate: "yellow", unchecked: "yellow", refused: "red" } as const;

const NOT_RECORDED = `not recorded: unverified requests have reached the limit of ${RECORDED_UNVERIFIED_BYTES / 1e6} MB`;

/** Formats a request that arrived: a line, and one for each problem. */
export function arrivalLines({ request, verdict, forwarded, recorded }: Arrival): string[] {
  const { kind, reply } = verdict;
  const what = verdict.kind === "refused" ? `${kind}: ${verdict.code}` : kind;
  const line = [
    request.receivedAt.toTimeString().slice(0, "hh:mm:ss".length),
    requestText(request),
    paint(COLOURS[kind], what),
    forwarded === undefined ? `replied ${reply.status}` : `forwarded: ${forwardedText(forwarded)}`,
  ].join("  ");
  const lines = recorded === false ? [line, `  ${NOT_RECORDED}`] : [line];
  if (verdict.kind !== "refused") return lines;
  const problems = problemLines(verdict.problems);
  return [...lines, ...(problems.length > 0 ? problems : [`  ${verdict.message}`])];
}

/** Returns the same for JSON output. */
export function arrivalData({ request, verdict, forwarded, recorded }: Arrival): object {
  const { receivedAt, method, url, headers, body } = request;
  const refusal = verdict.kind === "refused" ? { code: verdict.code, problems: verdict.problems } : {};
  const status =
    forwarded === undefined ? verdict.reply.status : "status" in forwarded ? forwarded.status : 502;
  return {
    kind: "request",
    ...identifyRequest(request),
    receivedAt,
    method,
    url,
    headers,
    bodyBytes: body.length,
    verdict: verdict.kind,
    ...refusal,
    status,
    ...(recorded !== undefined && { recorded }),
    forwarded: forwarded === undefined ? null : forwardedData(forwarded),
  };
}
