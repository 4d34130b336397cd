import type { WebhookContext } from "@ahasend-webhooks/core";

/** Something that happened, as a handler records it. */
export type Entry =
  | { kind: "suppressed"; recipient: string; reason: string; at: string; until?: string }
  | { kind: "opened"; by: Reader }
  | { kind: "mail"; folder: string; from: string; subject: string; attachments: number; at: string }
  | { kind: "other"; type: string };

export type EntryOfKind<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

export type Reader = "human" | "bot" | "unknown";

/** An entry as it is kept, with the delivery that it came from. */
export type RecordedEntry = { deliveryId: string } & Entry;

/** A connection of pg or of mysql2. */
export interface SqlClient {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/** The additions of the storage to a handler's context: on PostgreSQL and MySQL, the transaction that also writes the receipt. */
export interface StorageContext {
  readonly client?: SqlClient;
}

/** The second argument of a handler. */
export type DeskContext = WebhookContext & StorageContext;

/** The entries of the desk, in a file or a database. */
export interface Entries {
  /** Resolves when the entry is durable. */
  add(entry: RecordedEntry, context: StorageContext): Promise<void>;
  /** Returns the current state, including entries of other processes. */
  view(): Promise<DeskView>;
}

/** The desk at one moment; lists hold the newest entries first. */
export interface DeskView {
  opens: Record<Reader, number>;
  suppressions: EntryOfKind<"suppressed">[];
  mails: EntryOfKind<"mail">[];
  /** Counts of all other events, by type. */
  others: Record<string, number>;
}

/** The length of a list: the newest entries are shown. */
export const LIST_LENGTH = 50;
