import type { DeadLetter, DeadLetters } from "@ahasend-webhooks/core";

import { LIST_LENGTH } from "./entries.js";

/** A dead letter as the page shows it. */
export interface ShownDeadLetter extends Pick<DeadLetter, "id" | "deliveryId" | "type" | "attempts"> {
  /** The first line of the error. */
  error: string;
  /** When it was received, in ISO 8601 to the second. */
  since: string;
}

/** The part of a request that a form is read from: its action has everything in its query, and it has no body. */
export interface FormRequest {
  url?: string | undefined;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The dead letters of an inbox, for people. */
export class DeadLetterDesk {
  readonly #deadLetters: DeadLetters;

  constructor(deadLetters: DeadLetters) {
    this.#deadLetters = deadLetters;
  }

  /** Returns the oldest dead letters. */
  async list(): Promise<ShownDeadLetter[]> {
    const letters = await this.#deadLetters.list({ limit: LIST_LENGTH });
    return letters.map(({ id, deliveryId, type, attempts, error, receivedAt }) => {
      const [firstLine = ""] = error.split("\n", 1);
      const since = `${receivedAt.toISOString().slice(0, 19)}Z`;
      return { id, deliveryId, type, attempts, error: firstLine, since };
    });
  }

  /** Replays or discards, if the form is one of the page. @returns whether it is */
  async submit(request: FormRequest): Promise<boolean> {
    if (!isSameOrigin(request.headers)) return false;
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const [replay, discard] = [searchParams.get("replay"), searchParams.get("discard")];
    if (replay !== null) await this.#deadLetters.replay(replay);
    else if (discard !== null) await this.#deadLetters.discard(discard);
    else return false;
    return true;
  }
}

/** Returns the action of a form. */
export function toFormAction(action: "replay" | "discard", id: string): string {
  return `dead-letters?${new URLSearchParams({ [action]: id }).toString()}`;
}

/** Every browser sends one of these headers with a form: so a page of another site cannot press a button. */
function isSameOrigin({ "sec-fetch-site": site, origin, host }: FormRequest["headers"]): boolean {
  if (site !== undefined) return site === "same-origin";
  if (typeof origin !== "string" || !URL.canParse(origin)) return false;
  return new URL(origin).host === host;
}
