import type { Exchange } from "./converse.js";
import { readCode, findFault } from "./find-fault.js";
import { closeMs, handlerError, handlerPrefix, receiverLimits } from "./limits.js";
import type { RoundReport } from "./report.js";
import { type Conversation, type Script, staysToTheEnd } from "./script.js";

/** The promises that a round can break. */
export type Promised =
  | "crash"
  | "hang"
  | "status"
  | "malformed reply"
  | "honest refused"
  | "forged handled"
  | "handled twice"
  | "acknowledged unhandled"
  | "reply lost"
  | "refused after noise"
  | "memory budget"
  | "slow close"
  | "warning"
  | "log flood";

/** A promise that was broken, and how. */
export interface Violation {
  promise: Promised;
  detail: string;
}

/** The observations of a round whose server did not crash. */
export interface Round {
  script: Script;
  exchanges: readonly Exchange[];
  report: RoundReport;
}

/** Codes that an honest delivery may get: its sender retries. */
const temporaryCodes = new Set(["in_flight", "overloaded", "deadline_exceeded", "body_timeout"]);

/** Codes of replies to a delivery whose handler has started. */
const handlerCodes = new Set(["handler_failed", "deadline_exceeded"]);

/** Limits of a log in one round: similar lines, and lines in all. */
const MOST_LINES_ALIKE = 5;
const MOST_LINES = 60;

/** Returns the promises that a round has broken. */
export function judge({ script: { conversations }, exchanges, report }: Round): Violation[] {
  const played = conversations.map((conversation, index) => ({
    ...conversation,
    exchange: exchanges[index] ?? { replies: [], malformed: undefined, hangs: false, sentMs: 0 },
    stays: staysToTheEnd(conversation),
  }));
  return [
    ...played.flatMap(judgeExchange),
    ...played.flatMap((one) => judgeLostReplies(one, report, played)),
    ...judgeHandlerRuns(played, report),
    ...judgeReport(report),
  ];
}

type Played = Conversation & { exchange: Exchange; stays: boolean };

function judgeExchange({ manner, exchange, stays, steps }: Played): Violation[] {
  const { replies, malformed, hangs } = exchange;
  const violations = replies
    .map((reply) => findFault(reply))
    .filter((fault) => fault !== undefined)
    .map((detail): Violation => ({ promise: "status", detail }));
  if (hangs) violations.push({ promise: "hang", detail: `after ${replies.length} replies` });
  if (malformed !== undefined && stays) violations.push({ promise: "malformed reply", detail: malformed });
  if (manner === "honest" && !hangs) {
    const refused = replies.find((reply) => reply.status !== 204 && !isTemporary(reply));
    if (refused !== undefined) {
      violations.push({ promise: "honest refused", detail: `${refused.status} ${refused.body}` });
    }
    if (replies.length === 0 && !isSlow(exchange)) {
      violations.push({ promise: "honest refused", detail: `no reply to ${steps.length} steps` });
    }
  }
  return violations;
}

/** A client that sends a body too slowly is disconnected, and the reset can discard replies that it has not read. */
function isSlow({ sentMs }: Exchange): boolean {
  return sentMs > receiverLimits.bodyTimeoutSeconds * 1000;
}

function isTemporary(reply: Exchange["replies"][number]): boolean {
  return temporaryCodes.has(readCode(reply) ?? "") || (reply.status === 408 && reply.body === "");
}

/**
 * On a connection that the client keeps open, each run of a handler must have its reply, unless an earlier reply closes the
 * connection: Node passes on pipelined requests before the reply to the first, and their retry is a duplicate.
 */
function judgeLostReplies(
  { manner, genuine, exchange, stays }: Played,
  { runs }: RoundReport,
  all: Played[],
): Violation[] {
  if (manner === "wild" || !stays || exchange.hangs || isSlow(exchange)) return [];
  if (exchange.replies.some(({ headers }) => headers["connection"]?.toLowerCase() === "close")) return [];
  const own = Object.keys(genuine).filter((id) => all.filter((other) => id in other.genuine).length === 1);
  const handled = own.reduce((sum, id) => sum + (runs[id] ?? 0), 0);
  const replies = exchange.replies.filter(
    (reply) => reply.status === 204 || handlerCodes.has(readCode(reply) ?? ""),
  );
  if (handled <= replies.length) return [];
  return [{ promise: "reply lost", detail: `${handled} handler runs, ${replies.length} replies` }];
}

function judgeHandlerRuns(played: readonly Played[], { runs }: RoundReport): Violation[] {
  const copies = new Map<string, number>();
  for (const { genuine } of played) {
    for (const [id, count] of Object.entries(genuine)) copies.set(id, (copies.get(id) ?? 0) + count);
  }
  const violations: Violation[] = [];
  for (const [id, count] of Object.entries(runs)) {
    const most = id.startsWith(handlerPrefix.fails) ? (copies.get(id) ?? 0) : 1;
    if (!copies.has(id)) violations.push({ promise: "forged handled", detail: id });
    else if (count > most) violations.push({ promise: "handled twice", detail: `${id}: ${count} runs` });
  }
  const acknowledged = played.flatMap(({ exchange }) =>
    exchange.replies.filter(({ status }) => status === 204),
  );
  const handledCopies = [...copies].reduce(
    (sum, [id, count]) => sum + (runs[id] === undefined ? 0 : count),
    0,
  );
  if (acknowledged.length > handledCopies) {
    const detail = `${acknowledged.length} replies of 204 to ${handledCopies} handled copies`;
    violations.push({ promise: "acknowledged unhandled", detail });
  }
  return violations;
}

function judgeReport({ lines, warnings, closing, smallProbe, largeProbe }: RoundReport): Violation[] {
  const violations = warnings.map((detail): Violation => ({ promise: "warning", detail }));
  if (smallProbe !== "204") violations.push({ promise: "refused after noise", detail: smallProbe });
  if (largeProbe !== "204") violations.push({ promise: "memory budget", detail: largeProbe });
  if (closing.receiverMs > closeMs || closing.serverMs > closeMs) {
    violations.push({ promise: "slow close", detail: JSON.stringify(closing) });
  }
  return [...violations, ...judgeLog(lines)];
}

function judgeLog(lines: readonly string[]): Violation[] {
  const alike = new Map<string, number>();
  for (const line of lines) {
    // A failed handler may always be logged; the rest of a stack belongs to its first line.
    if (/^\s|^$/.test(line) || line.includes(handlerError) || line.includes("handler_failed")) continue;
    const kind = line.replaceAll(/\(.*?\)|[0-9]+|(["'`]).*?\1|\/\S*/g, "…").slice(0, 120);
    alike.set(kind, (alike.get(kind) ?? 0) + 1);
  }
  const violations = [...alike]
    .filter(([, count]) => count > MOST_LINES_ALIKE)
    .map(([kind, count]): Violation => ({ promise: "log flood", detail: `${count} lines like ${kind}` }));
  const total = [...alike.values()].reduce((sum, count) => sum + count, 0);
  if (total > MOST_LINES) violations.push({ promise: "log flood", detail: `${total} lines` });
  return violations;
}
