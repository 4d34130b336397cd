import { problemLines } from "./diagnosis-text.js";
import type { Arrival } from "../listener/listener.js";
import { paint } from "../output.js";
import { bodyLines, toShownBody } from "./body-text.js";
import { forwardedData, forwardedText, identifyRequest, requestText } from "./request-text.js";

const COLOURS = { verified: "green", duplicate: "yellow", unchecked: "yellow", refused: "red" } as const;

/** Options of the functions here. */
interface ArrivalOptions {
  /** Include the beginning of the body. @default false */
  showBody?: boolean | undefined;
}

/** Formats a request that arrived: a line, one for each problem, and the body if it is to be shown. */
export function arrivalLines(
  { request, verdict, forwarded, recorded }: Arrival,
  { showBody = false }: ArrivalOptions = {},
): string[] {
  const { kind, reply } = verdict;
  const what = verdict.kind === "refused" ? `${kind}: ${verdict.code}` : kind;
  const line = [
    request.receivedAt.toTimeString().slice(0, "hh:mm:ss".length),
    requestText(request),
    paint(COLOURS[kind], what),
    forwarded === undefined ? `replied ${reply.status}` : `forwarded: ${forwardedText(forwarded)}`,
  ].join("  ");
  return [
    line,
    ...(recorded?.note === undefined ? [] : [`  ${recorded.note}`]),
    ...refusalLines(verdict),
    ...(showBody ? bodyLines(request.body).map((each) => `  ${each}`) : []),
  ];
}

function refusalLines(verdict: Arrival["verdict"]): string[] {
  if (verdict.kind !== "refused") return [];
  const problems = problemLines(verdict.problems);
  return problems.length > 0 ? problems : [`  ${verdict.message}`];
}

/** Returns the same for JSON output. */
export function arrivalData(
  { request, verdict, forwarded, recorded }: Arrival,
  { showBody = false }: ArrivalOptions = {},
): object {
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
    ...(showBody && { body: toShownBody(body) }),
    verdict: verdict.kind,
    ...refusal,
    status,
    ...(recorded !== undefined && { recorded: recorded.isRecorded }),
    ...(recorded?.note !== undefined && { note: recorded.note }),
    forwarded: forwarded === undefined ? null : forwardedData(forwarded),
  };
}
