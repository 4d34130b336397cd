import type { Store } from "@ahasend-webhooks/core";

import type { Effect, SqlClient } from "../effects.js";

/** The context that some stores add to. */
export interface Extras {
  client?: SqlClient;
}

/** A store or an inbox with its server or file. */
export interface Engine<Chosen = Store<Extras>> {
  store: Chosen;
  /** Writes an effect down. */
  write(effect: Effect, client: SqlClient | undefined): Promise<void>;
  close(): unknown;
}
