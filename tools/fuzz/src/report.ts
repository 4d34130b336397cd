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

/** The report of a server, and its replies to the deliveries after the noise. */
export interface RoundReport extends ServerReport {
  /** `204` if the small delivery after the noise was accepted, otherwise the last reply. */
  smallProbe: string;
  /** The same for the largest delivery, which needs most of the memory budget. */
  largeProbe: string;
}
