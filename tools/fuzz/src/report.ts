/** What a server says about a round when it is over. */
export interface ServerReport {
  /** How often the handler began, by delivery. */
  runs: Record<string, number>;
  /** What was written to standard output and standard error. */
  lines: string[];
  /** Warnings of the process, such as listener leaks. */
  warnings: string[];
  /** How long it took to close, in milliseconds, with no client left. */
  closing: { receiverMs: number; serverMs: number };
}

/** What a round has done to a server. */
export interface RoundReport extends ServerReport {
  /** `204` when the delivery after the noise was accepted, or what came instead. */
  smallProbe: string;
  /** The same for the largest delivery, which needs most of the memory budget. */
  largeProbe: string;
}
