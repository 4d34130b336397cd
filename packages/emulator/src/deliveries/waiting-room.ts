/** Where callers wait for the same thing to happen. */
export class WaitingRoom {
  readonly #waiting = new Set<() => void>();

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** It has happened: everybody who waits may go on. */
  release(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
