import type { AhaSendMessageEvent, WebhookContext } from "@ahasend-webhooks/core";
import { type MessageState, type MessageStatus, messageStatus } from "@ahasend-webhooks/mail";

/** Something that happened, as a handler records it. */
export type Entry =
  | { kind: "suppressed"; recipient: string; reason: string; at: string; until?: string }
  | { kind: "opened"; by: Reader }
  | { kind: "mail"; folder: string; from: string; subject: string; attachments: number; at: string }
  | { kind: "other"; type: string };

export type EntryOfKind<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

export type Reader = "human" | "bot" | "unknown";

/** An entry as it is kept, with the delivery that it came from. */
export type RecordedEntry = { deliveryId: string; message?: MessageChange } & Entry;

/** The part of a message event that changes the status of its message. */
export interface MessageChange {
  /** Of the message: its id and recipient. */
  key: string;
  type: AhaSendMessageEvent["type"];
  timestamp: string;
  isBot: boolean | undefined;
}

/** Returns the recipient, in lower case, from the key of a message. */
export function readRecipient(key: string): string {
  return key.slice(key.indexOf(" ") + 1);
}

/** Adds a change to the status of its message. */
export function applyChange(
  previous: MessageStatus | undefined,
  { type, timestamp, isBot }: MessageChange,
): MessageStatus {
  const event = { type, timestamp, data: { is_bot: isBot } };
  return messageStatus(previous, event as AhaSendMessageEvent);
}

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
  /** The number of messages in each state. */
  messages: { [State in MessageState]?: number };
  suppressions: EntryOfKind<"suppressed">[];
  mails: EntryOfKind<"mail">[];
  /** Counts of all other events, by type. */
  others: Record<string, number>;
}

/** The length of a list: the newest entries are shown. */
export const LIST_LENGTH = 50;
