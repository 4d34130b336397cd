import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";

/**
 * The way a handler treats an event: `flaky` fails in its first attempt, `poison` fails for good and must end as a dead
 * letter.
 */
export type Fate = "plain" | "flaky" | "poison";

/** Facts in an event that the handler of the test receiver acts on. */
export interface Content {
  fate: Fate;
  /** Events with the same key must be handled one at a time and in order, if the engine is asked for that. */
  key: string;
}

/** Returns the subject of a message that says it. */
export const toSubject = ({ fate, key }: Content): string => `${fate} ${key}`;

/** Reads the subject of a message. Anything else is plain. */
export function readContent({ data }: AhaSendEvent | UnknownEvent): Content {
  const { subject } = data as { subject?: unknown };
  const [fate, key = ""] = typeof subject === "string" ? subject.split(" ") : [];
  return { fate: fate === "flaky" || fate === "poison" ? fate : "plain", key };
}
