import { faults } from "./faults.js";
import type { Finding } from "./finding.js";
import type { Ledger } from "./ledger.js";
import type { Scenario } from "./scenario.js";

/** A delivery as the sender knows it. */
export interface Sent {
  id: string;
  /** Its signature was wrong. */
  forged: boolean;
  /** One of its attempts got a 2xx reply. */
  acknowledged: boolean;
}

/** Everything that is known when the receivers have ended. */
export interface Evidence {
  sent: readonly Sent[];
  ledger: Ledger;
  /** Number of replies to genuine deliveries by status; 0 for no reply. */
  replies: ReadonlyMap<number, number>;
  /** The same for forged deliveries. */
  repliesToForged: ReadonlyMap<number, number>;
  /** Violations seen in the receivers themselves, such as a crash. */
  complaints: readonly string[];
}

/** Compares the replies that the sender got with the effects that exist. @returns the violations, in words */
export function findViolations(
  { faults: names, effects, replies: expected, mayReply = [] }: Scenario,
  { sent, ledger, replies, repliesToForged, complaints }: Evidence,
): string[] {
  const genuine = sent.filter(({ forged }) => !forged);
  const countEffects = ({ id }: Sent) => ledger.get(id) ?? 0;
  const report = (finding: Finding, deliveries: readonly Sent[]) =>
    deliveries.length === 0 ? [] : [`${deliveries.length} ${finding}, such as ${deliveries[0]?.id}`];

  const allowed = new Set([...expected, ...mayReply, ...names.flatMap((name) => faults[name].replies)]);
  return [
    ...complaints,
    ...report(
      "acknowledged but lost",
      genuine.filter((one) => one.acknowledged && countEffects(one) === 0),
    ),
    ...report(
      "not acknowledged after recovery",
      genuine.filter((one) => !one.acknowledged),
    ),
    ...(effects === "exactly once"
      ? report(
          "done more than once",
          genuine.filter((one) => countEffects(one) > 1),
        )
      : []),
    ...report(
      "done though forged",
      sent.filter((one) => one.forged && countEffects(one) > 0),
    ),
    ...report(
      "acknowledged though forged",
      sent.filter((one) => one.forged && one.acknowledged),
    ),
    ...[...replies.keys()].filter((status) => !allowed.has(status)).map((status) => `a reply ${status}`),
    ...expected.filter((status) => !replies.has(status)).map((status) => `no reply ${status}`),
    ...[...repliesToForged.keys()]
      .filter(
        (status) =>
          status !== 401 && !(status === 0 && allowed.has(0)) && !(status === 503 && allowed.has(503)),
      )
      .map((status) => `a reply ${status} to a forged delivery`),
  ];
}
