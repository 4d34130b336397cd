import type { Effect } from "../effects.js";
import { NO_REPLY, faults } from "../faults.js";
import type { Finding } from "./finding.js";
import { findOverlaps, findOvertakings } from "./ordering.js";
import type { Scenario } from "../scenarios/scenario.js";
import type { Sent } from "./sent.js";

/** The status of a reply, or the code of the error if there was none, such as `timeout`. */
export type Reply = number | string;

/** Everything that is known when the receivers have ended. */
export interface Evidence {
  sent: readonly Sent[];
  /** Number of effects by delivery id. */
  ledger: ReadonlyMap<string, number>;
  /** The effects with their times, of the test receiver. */
  effects: readonly Effect[];
  /** Ids of the deliveries that are dead letters. */
  deadLetters: readonly string[];
  /** Number of replies to genuine deliveries. */
  replies: ReadonlyMap<Reply, number>;
  /** The same for forged deliveries. */
  repliesToForged: ReadonlyMap<Reply, number>;
  /** Violations seen in the receivers themselves, such as a crash. */
  complaints: readonly string[];
}

/** Compares the replies that the sender got with the effects that exist. @returns the violations, in words */
export function findViolations(scenario: Scenario, evidence: Evidence): string[] {
  return [
    ...evidence.complaints,
    ...findInDeliveries(scenario, evidence),
    ...(scenario.isOrdered ? findInOrder(evidence) : []),
    ...findInReplies(scenario, evidence),
  ];
}

function findInDeliveries({ effects: promise }: Scenario, { sent, ledger, deadLetters }: Evidence): string[] {
  const genuine = sent.filter(({ forged }) => !forged);
  const dead = new Set(deadLetters);
  const countEffects = ({ id }: Sent) => ledger.get(id) ?? 0;
  const isKept = (one: Sent) => dead.has(one.id) || (one.fate !== "poison" && countEffects(one) > 0);
  return [
    report("acknowledged but lost", genuine, (one) => one.acknowledged && !isKept(one)),
    report("not acknowledged after recovery", genuine, (one) => !one.acknowledged),
    ...(promise === "exactly once"
      ? [
          report("done more than once", genuine, (one) => countEffects(one) > 1),
          // Elsewhere a crash between the effect and its note may have been the last attempt.
          report("done though a dead letter", genuine, (one) => countEffects(one) > 0 && dead.has(one.id)),
        ]
      : []),
    report("done though forged", sent, (one) => one.forged && (countEffects(one) > 0 || dead.has(one.id))),
    report("done though poison", genuine, (one) => one.fate === "poison" && countEffects(one) > 0),
    report("acknowledged though forged", sent, (one) => one.forged && one.acknowledged),
  ].flat();
}

function findInOrder({ effects, sent }: Evidence): string[] {
  const toIds = (found: readonly Effect[]) => found.map(({ deliveryId }) => ({ id: deliveryId }));
  return [
    report("handled at the same time as another of its key", toIds(findOverlaps(effects))),
    report("handled before an earlier one of its key", toIds(findOvertakings(effects, sent))),
  ].flat();
}

function findInReplies(
  { faults: names, replies: expected, mayReply = [] }: Scenario,
  { replies, repliesToForged }: Evidence,
): string[] {
  const allowed = new Set([...expected, ...mayReply, ...names.flatMap((name) => faults[name].replies)]);
  const isAllowed = (reply: Reply) => allowed.has(typeof reply === "number" ? reply : NO_REPLY);
  return [
    ...[...replies.keys()].filter((reply) => !isAllowed(reply)).map((reply) => `a reply ${reply}`),
    ...expected.filter((status) => !replies.has(status)).map((status) => `no reply ${status}`),
    ...[...repliesToForged.keys()]
      .filter((reply) => reply !== 401 && !((typeof reply === "string" || reply === 503) && isAllowed(reply)))
      .map((reply) => `a reply ${reply} to a forged delivery`),
  ];
}

function report<Found extends { id: string }>(
  finding: Finding,
  among: readonly Found[],
  isViolation: (one: Found) => boolean = () => true,
): string[] {
  const violations = among.filter(isViolation);
  return violations.length === 0 ? [] : [`${violations.length} ${finding}, such as ${violations[0]?.id}`];
}
