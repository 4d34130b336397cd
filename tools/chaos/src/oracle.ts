import { faults } from "./faults.js";
import type { Ledger } from "./ledger.js";
import type { Scenario } from "./scenario.js";

/** What the sender knows of a delivery. */
export interface Sent {
  id: string;
  /** Its signature was wrong. */
  forged: boolean;
  /** A 2xx was the answer to one of its attempts. */
  acknowledged: boolean;
}

/** All that is known when the receivers have ended. */
export interface Evidence {
  sent: readonly Sent[];
  ledger: Ledger;
  /** How many attempts of genuine deliveries were answered with each status; 0 for no reply. */
  replies: ReadonlyMap<number, number>;
  /** The same of forged ones. */
  repliesToForged: ReadonlyMap<number, number>;
  /** What receivers did that they must never do. */
  complaints: readonly string[];
}

/** What the oracle says of deliveries. */
export type Finding =
  | "acknowledged but lost"
  | "not acknowledged when all was well again"
  | "done more than once"
  | "done though forged"
  | "acknowledged though forged";

/** Compares what the sender was told with what has happened. @returns what must not be, in words */
export function judge(
  { faults: names, effects, replies: expected, mayReply = [] }: Scenario,
  { sent, ledger, replies, repliesToForged, complaints }: Evidence,
): string[] {
  const genuine = sent.filter(({ forged }) => !forged);
  const effectsOf = ({ id }: Sent) => ledger.get(id) ?? 0;
  const count = (what: Finding, deliveries: readonly Sent[]) =>
    deliveries.length === 0 ? [] : [`${deliveries.length} ${what}, such as ${deliveries[0]?.id}`];

  const allowed = new Set([...expected, ...mayReply, ...names.flatMap((name) => faults[name].replies)]);
  return [
    ...complaints,
    ...count(
      "acknowledged but lost",
      genuine.filter((one) => one.acknowledged && effectsOf(one) === 0),
    ),
    ...count(
      "not acknowledged when all was well again",
      genuine.filter((one) => !one.acknowledged),
    ),
    ...(effects === "exactly once"
      ? count(
          "done more than once",
          genuine.filter((one) => effectsOf(one) > 1),
        )
      : []),
    ...count(
      "done though forged",
      sent.filter((one) => one.forged && effectsOf(one) > 0),
    ),
    ...count(
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
