import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";

/** After two without a byte the upload is refused. */
const TICK_SECONDS = 0.5;
const MAX_SILENT_TICKS = 2;

/**
 * Refuses an upload that does not arrive in time, or of which nothing arrives for a second. It counts ticks, not
 * the clock: after an event loop that was blocked, chunks that have arrived are read before the next tick.
 */
export class UploadTimer {
  readonly #timeoutSeconds: number;
  readonly #onTimeout: (refusal: WebhookError) => void;
  #secondsLeft: number;
  #silentTicks = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutSeconds: number, onTimeout: (refusal: WebhookError) => void) {
    this.#timeoutSeconds = this.#secondsLeft = timeoutSeconds;
    this.#onTimeout = onTimeout;
    this.#wait();
  }

  noteProgress(): void {
    this.#silentTicks = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const seconds = Math.min(TICK_SECONDS, this.#secondsLeft);
    this.#timer = setTimeout(() => {
      this.#secondsLeft -= seconds;
      this.#silentTicks += 1;
      if (this.#secondsLeft <= 0) {
        this.#refuse(REFUSALS.body_timeout.message.late(this.#timeoutSeconds));
      } else if (this.#silentTicks === MAX_SILENT_TICKS) {
        this.#refuse(REFUSALS.body_timeout.message.stalled(MAX_SILENT_TICKS * TICK_SECONDS));
      } else {
        this.#wait();
      }
    }, seconds * 1000);
    this.#timer.unref?.();
  }

  #refuse(message: string): void {
    this.#onTimeout(new WebhookError("body_timeout", message));
  }
}
