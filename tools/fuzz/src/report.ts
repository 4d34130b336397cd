/** A server's report on a round that has ended. */
export interface ServerReport {
  /** The number of handler runs by delivery. */
  runs: Record<string, number>;
  /** The lines of standard output and standard error. */
  lines: string[];
  /** Warnings of the process, such as listener leaks. */
  warnings: string[];
  /** Duration of closing, in milliseconds, with no client left. */
  closing: { receiverMs: number; serverMs: number };
}

/** The effect of a round on a server. */
export interface RoundReport extends ServerReport {
  /** `204` when the delivery after the noise was accepted, or what came instead. */
  smallProbe: string;
  /** The same for the largest delivery, which needs most of the memory budget. */
  largeProbe: string;
}
