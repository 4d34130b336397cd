import type { Series } from "../measure/interleave.js";
import { median } from "../measure/statistics.js";

/** The unit of a value. */
export type Unit = "time" | "bytes" | "perSecond" | "times" | "count";

/** One measured value of a table. Times are in microseconds. */
export interface Cell {
  row: string;
  column: string;
  value: number;
  /** The lowest and the highest of the measurements whose median is `value`. */
  range?: readonly [number, number];
  /** The unit, if it differs from that of the table. */
  unit?: Unit;
}

/** A table of results: rows are candidates, columns are cases. */
export interface Table {
  title: string;
  /** A sentence or two on what was measured, and how. */
  note: string;
  unit: Unit;
  cells: Cell[];
  /** The columns that are also drawn as bars. */
  chart?: readonly string[];
}

/** The results of a suite. */
export interface SuiteResult {
  tables: Table[];
  /** The values that goals refer to, by name. */
  figures: Record<string, number>;
}

/** Returns the cell of a candidate in the column of a case. */
export function toCell({ name, micros }: Series, column: string): Cell {
  return { row: name, column, value: median(micros), range: [Math.min(...micros), Math.max(...micros)] };
}
