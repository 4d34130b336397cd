/** A violation of the guarantees, seen in deliveries. */
export type Finding =
  | "acknowledged but lost"
  | "not acknowledged after recovery"
  | "done more than once"
  | "done though forged"
  | "done though poison"
  | "done though a dead letter"
  | "acknowledged though forged"
  | "handled at the same time as another of its key"
  | "handled before an earlier one of its key";
