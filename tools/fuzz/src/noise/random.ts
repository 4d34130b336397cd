import { seededRandom } from "@ahasend-webhooks/emulator";

/** Random choices that a seed repeats. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  /** `true` once in `n`. */
  oneIn(n: number): boolean {
    return this.int(1, n) === 1;
  }

  /** One of several. @throws {Error} for none */
  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new Error("There is nothing to pick from.");
    return value;
  }

  /** As many values as asked for. */
  list<Value>(count: number, make: () => Value): Value[] {
    return Array.from({ length: count }, make);
  }

  /** Random bytes as Latin-1. */
  bytes(count: number): string {
    return String.fromCharCode(...this.list(count, () => this.int(0, 255)));
  }

  /** Splits a string at random places. */
  split(text: string, cuts: number): string[] {
    const places = this.list(cuts, () => this.int(0, text.length)).toSorted((one, other) => one - other);
    return [0, ...places]
      .map((place, index) => text.slice(place, places[index] ?? text.length))
      .filter((part) => part !== "");
  }
}
