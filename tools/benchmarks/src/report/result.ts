import type { Series } from "../measure/interleave.js";
import { median } from "../measure/statistics.js";

/** How a value is written. */
export type Unit = "time" | "bytes" | "perSecond" | "times" | "count";

/** One measured value of a table. Times are in microseconds. */
export interface Cell {
  row: string;
  column: string;
  value: number;
  /** The lowest and the highest of the values that `value` is the median of. */
  range?: readonly [number, number];
  /** Where the unit is another one than the table's. */
  unit?: Unit;
}

/** What a suite shows: rows are candidates, columns are cases. */
export interface Table {
  title: string;
  /** What the rows do and how, in a sentence or two. */
  note: string;
  unit: Unit;
  cells: Cell[];
  /** Drawn as bars, too: for these columns. */
  chart?: readonly string[];
}

/** What a suite found. */
export interface SuiteResult {
  tables: Table[];
  /** What goals are set for, by name. */
  figures: Record<string, number>;
}

/** The cell of a measured candidate in the column of a case. */
export function toCell({ name, micros }: Series, column: string): Cell {
  return { row: name, column, value: median(micros), range: [Math.min(...micros), Math.max(...micros)] };
}
