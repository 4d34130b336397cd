/** Those who want to hear of something. */
export class Listeners<Change> {
  readonly #listeners = new Set<(change: Change) => void>();

  /** @returns ends it */
  add(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  notify(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch {
        // Watching must not disturb what is watched.
      }
    }
  }
}
