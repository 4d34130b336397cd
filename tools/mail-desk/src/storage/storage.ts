import type { Store } from "@ahasend-webhooks/core";

import type { Entries, StorageContext } from "../entries.js";

/** Keeps the entries of the desk and the receipts of deliveries. */
export interface Storage {
  /** For the log. */
  name: string;
  entries: Entries;
  store: Store<StorageContext>;
  close(): Promise<void> | void;
}
