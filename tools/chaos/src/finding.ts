/** A violation of the guarantees, seen in deliveries. */
export type Finding =
  | "acknowledged but lost"
  | "not acknowledged after recovery"
  | "done more than once"
  | "done though forged"
  | "acknowledged though forged";
