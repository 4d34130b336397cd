/** The explanation of a refused attempt. */
export interface RefusalReport {
  /** The code in the receiver's reply; `null` if there is none. */
  code: string | null;
  /** The request verifies with the endpoint's secret, and its time was right when it was sent; `null` if unknown. */
  verifies: boolean | null;
  /** The causes and their fixes, the likeliest first. */
  causes: readonly string[];
}
