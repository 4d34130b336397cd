/** The bytes of one round: plain JSON, so that a failing one can be kept and replayed. */
export interface Script {
  /** Played side by side, each on a connection of its own. */
  conversations: Conversation[];
  /** Duration of the server's secret look-up, in milliseconds; without it the secret is fixed. */
  lookUpMs?: number;
}

/** The steps of one client on one connection. */
export interface Conversation {
  /**
   * The kind of requests, on which the server's promises depend: `honest` deliveries are genuine and whole; `orderly`
   * requests are whole and correctly framed, whatever is in them; `wild` ones may be anything.
   */
  manner: "honest" | "orderly" | "wild";
  /** The deliveries that may be handled, and how many copies of each are sent. All others are forged. */
  genuine: Record<string, number>;
  steps: Step[];
}

/** One move of a client. A turn of the event loop passes after each. */
export type Step =
  /** Bytes as Latin-1, one write each time. */
  | { send: string; times?: number }
  /** `reply`: waits for one more; `pause` and `resume`: stops reading and continues; `turn`: lets the server work. */
  | { do: "reply" | "pause" | "resume" | "turn" }
  /** `end`: half-closes and still reads; `destroy`: closes; `reset`: closes with RST. */
  | { do: "end" | "destroy" | "reset" };

/** Returns whether the client reads until the server closes the connection. */
export function staysToTheEnd({ steps }: Conversation): boolean {
  return !steps.some((step) => "do" in step && ["end", "destroy", "reset"].includes(step.do));
}
