/** Listeners for changes of one kind. */
export class Listeners<Change> {
  readonly #listeners = new Set<(change: Change) => void>();

  /** @returns a function that removes the listener */
  add(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  notify(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch {
        // A listener must not disturb the emulator.
      }
    }
  }
}
