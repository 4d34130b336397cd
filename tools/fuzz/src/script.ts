/** The bytes of one round, as plain JSON, so that a failing script can be kept and replayed. */
export interface Script {
  /** Played concurrently, each on its own connection. */
  conversations: Conversation[];
  /** Duration of the server's secret look-up, in milliseconds; `undefined` for a fixed secret. */
  lookUpMs?: number;
}

/** The steps of one client on one connection. */
export interface Conversation {
  /**
   * The kind of requests, on which the server's promises depend: `honest` deliveries are genuine and whole; `orderly`
   * requests are whole and correctly framed, with any content; `wild` ones may be anything.
   */
  manner: "honest" | "orderly" | "wild";
  /** The deliveries that may be handled, and how many copies of each are sent. All others are forged. */
  genuine: Record<string, number>;
  steps: Step[];
}

/** One step of a client, followed by a turn of the event loop. */
export type Step =
  /** Bytes as Latin-1, written `times` times. */
  | { send: string; times?: number }
  /** `reply`: waits for the next reply; `pause`, `resume`: stops and resumes reading; `turn`: does nothing. */
  | { do: "reply" | "pause" | "resume" | "turn" }
  /** `end`: half-closes and keeps reading; `destroy`: closes; `reset`: closes with RST. */
  | { do: "end" | "destroy" | "reset" };

/** Returns whether the client reads until the server closes the connection. */
export function staysToTheEnd({ steps }: Conversation): boolean {
  return !steps.some((step) => "do" in step && ["end", "destroy", "reset"].includes(step.do));
}
