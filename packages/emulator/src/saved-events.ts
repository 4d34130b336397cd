import type { Emission } from "./deliveries/fan-out.js";
import { EmulatorError } from "./errors.js";

/** Events that are kept under a name, to be sent again; also in the state file, if there is one. */
export interface SavedEvents {
  /** Returns the names, in the order in which they were first saved. */
  list(): string[];
  /** @throws {EmulatorError} `saved_event_not_found` */
  get(name: string): Emission;
  /**
   * Saves an event, or replaces the one of this name.
   *
   * @param name 1 to 100 characters
   * @throws {TypeError} for an invalid name, an event without a type, or too many events
   * @example
   * emulator.savedEvents.save("bounce of Ada", createEvent("message.bounced"));
   */
  save(name: string, event: Emission): void;
  /** @throws {EmulatorError} `saved_event_not_found` */
  delete(name: string): void;
}

/** Options of a {@link SavedEventList}. */
export interface SavedEventListOptions {
  onSave(name: string, event: Emission): void;
  onDelete(name: string): void;
}

const MAX_EVENTS = 500;

/** Keeps events by name. */
export class SavedEventList implements SavedEvents {
  readonly #events = new Map<string, Emission>();
  readonly #options: SavedEventListOptions;

  constructor(options: SavedEventListOptions) {
    this.#options = options;
  }

  /** Adds an event of an earlier run. */
  restore(name: string, event: Emission): void {
    this.#events.set(name, event);
  }

  list(): string[] {
    return [...this.#events.keys()];
  }

  get(name: string): Emission {
    const event = this.#events.get(name);
    if (event !== undefined) return event;
    throw new EmulatorError(
      "saved_event_not_found",
      `No event is saved as ${JSON.stringify(name)}: see savedEvents.list().`,
    );
  }

  save(name: string, event: Emission): void {
    assertSavedEvent(name, event);
    if (this.#events.size >= MAX_EVENTS && !this.#events.has(name)) {
      throw new TypeError(`There are already ${MAX_EVENTS} saved events: delete one first.`);
    }
    this.#events.set(name, event);
    this.#options.onSave(name, event);
  }

  delete(name: string): void {
    this.get(name);
    this.#events.delete(name);
    this.#options.onDelete(name);
  }
}

/** @throws {TypeError} unless the name has 1 to 100 characters, and the event is a string or has a type */
export function assertSavedEvent(name: string, event: unknown): asserts event is Emission {
  if (typeof name !== "string" || name.trim() === "" || name.length > 100) {
    throw new TypeError("The name of a saved event must have 1 to 100 characters.");
  }
  if (typeof event === "string") return;
  if (typeof event === "object" && event !== null && "type" in event && typeof event.type === "string") {
    return;
  }
  throw new TypeError("A saved event must have a type, or be a string with the exact body.");
}
