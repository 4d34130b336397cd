import type { WebhookContext } from "@ahasend-webhooks/core";
import type { PoolClient } from "pg";

/** One thing that happened. */
export type Entry = { deliveryId: string } & (
  | { kind: "suppressed"; recipient: string; reason: string; at: string; until?: string }
  | { kind: "opened"; by: Reader }
  | { kind: "mail"; folder: string; from: string; subject: string; attachments: number; at: string }
  | { kind: "other"; type: string }
);

export type EntryOf<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

export type Reader = "human" | "bot" | "unknown";

/** What a handler is told beside the event; on PostgreSQL with the transaction that also holds the receipt. */
export type Context = WebhookContext & { readonly client?: PoolClient };

/** What the app knows about its mail: whom not to write to, who reads, what came in. */
export interface Desk {
  /** Keeps an entry for good. */
  record(entry: Entry, context: Context): Promise<void>;
  /** What is known now. */
  view(): Promise<DeskView>;
}

/** The desk at one moment; lists hold the newest entries first. */
export interface DeskView {
  opens: Record<Reader, number>;
  suppressions: EntryOf<"suppressed">[];
  mails: EntryOf<"mail">[];
  /** All other events, by type. */
  others: Record<string, number>;
}

/** How many of the newest entries a list shows. */
export const SHOWN = 50;
