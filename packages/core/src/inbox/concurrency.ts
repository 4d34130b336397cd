import type { InboxSettings } from "./inbox-options.js";

/** Event types: those named, or all but those named. */
export interface TypeFilter {
  readonly names: readonly string[];
  readonly isExclusive: boolean;
}

/** Counts what is running against the limits of event types. */
export class ConcurrencyGauge {
  readonly #limits: InboxSettings["concurrency"];
  readonly #running = new Map<string, number>();

  constructor(limits: InboxSettings["concurrency"]) {
    this.#limits = limits;
  }

  /**
   * The number of deliveries to take at once, of any type that {@link filter} lets through. With limits by type it is one:
   * the types of the next deliveries are not known.
   */
  get free(): number {
    const { "*": others = 0, ...byType } = this.#limits;
    if (Object.keys(byType).length === 0) return Math.max(0, others - this.#count("*"));
    return Object.keys(this.#limits).some((group) => this.#isFree(group)) ? 1 : 0;
  }

  /** The types of which another delivery may be handled. */
  get filter(): TypeFilter {
    const named = Object.keys(this.#limits).filter((group) => group !== "*");
    return this.#isFree("*")
      ? { names: named.filter((group) => !this.#isFree(group)), isExclusive: true }
      : { names: named.filter((group) => this.#isFree(group)), isExclusive: false };
  }

  start(type: string): void {
    const group = this.#toGroup(type);
    this.#running.set(group, this.#count(group) + 1);
  }

  end(type: string): void {
    const group = this.#toGroup(type);
    this.#running.set(group, this.#count(group) - 1);
  }

  #isFree(group: string): boolean {
    return this.#count(group) < (this.#limits[group] ?? 0);
  }

  #count(group: string): number {
    return this.#running.get(group) ?? 0;
  }

  #toGroup(type: string): string {
    return Object.hasOwn(this.#limits, type) ? type : "*";
  }
}
