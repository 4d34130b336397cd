import { seededRandom } from "@ahasend-webhooks/emulator";

/** Random choices that are the same for the same seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** Returns a whole number from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  /** Returns `true` once in `n`. */
  oneIn(n: number): boolean {
    return this.int(1, n) === 1;
  }

  /** Picks one of several values. @throws {Error} if there are none */
  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new Error("pick needs at least one value.");
    return value;
  }

  /** Creates a list of `count` values. */
  list<Value>(count: number, make: () => Value): Value[] {
    return Array.from({ length: count }, make);
  }

  /** Returns random bytes as Latin-1. */
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
