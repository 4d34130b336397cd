import type { InboxAdmin } from "@ahasend-webhooks/core";

import { toPrintable } from "../../to-printable.js";
import { UsageError } from "../exit.js";
import { type InboxTarget, type InboxTargetOptions, resolveTarget } from "./inbox-target.js";
import { openBullmq } from "./open-bullmq.js";
import { openPgBoss } from "./open-pg-boss.js";
import { openPostgres } from "./open-postgres.js";
import { openSqlite } from "./open-sqlite.js";
import type { OpenedInbox } from "./opened-inbox.js";

/** Codes of errors of connections, and of PostgreSQL when it starts or does not let a role in. */
const UNREACHABLE = /^(E[A-Z]+|3D000|28\w{3}|57P03|08\w{3})$/;

/**
 * Opens the inbox that the options name, and closes it when the work has ended. Nothing starts to handle deliveries.
 *
 * @throws {UsageError} if it cannot be opened, or the engine reports an error; without passwords
 */
export async function withInbox<Result>(
  options: InboxTargetOptions,
  work: (inbox: InboxAdmin) => Promise<Result>,
): Promise<Result> {
  const target = resolveTarget(options, process.env);
  try {
    const { admin, close } = await open(target);
    try {
      return await work(admin);
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(explain(error, target), { cause: error });
  }
}

async function open(target: InboxTarget): Promise<OpenedInbox> {
  if (target.engine === "postgres") return openPostgres(target);
  if (target.engine === "sqlite") return openSqlite(target);
  if (target.engine === "pg-boss") return openPgBoss(target);
  return openBullmq(target);
}

/** Says what to do, if the engine's own message does not. */
function explain(error: unknown, target: InboxTarget): string {
  const { message, code } = readError(error);
  const where = target.engine === "sqlite" ? target.file : hideCredentials(target.url);
  const text = hidePassword(toPrintable(message, 1000), target);
  if (UNREACHABLE.test(code)) {
    return `${where} cannot be used (${text}): start the server, or correct the URL.`;
  }
  return /[.!]$/.test(text) ? text : `${where}: ${text}.`;
}

function readError(error: unknown): { message: string; code: string } {
  // Node.js tries every address of a host: each error has a message then, and the one that holds them has none.
  const one: unknown = error instanceof AggregateError ? (error.errors as unknown[])[0] : error;
  const { message = String(one), code = "" } = (one ?? {}) as { message?: string; code?: unknown };
  return { message, code: String(code) };
}

/** Returns a URL without its user and password. */
function hideCredentials(url: string): string {
  if (!URL.canParse(url)) return url.replace(/:\/\/.*@/, "://***@").replace(/\?.*/, "");
  const { protocol, host, pathname, username } = new URL(url);
  return `${protocol}//${username === "" ? "" : "***@"}${host}${pathname}`;
}

function hidePassword(text: string, target: InboxTarget): string {
  const [, encoded = ""] = ("url" in target && /^[^/]*:\/\/[^/]*?:(.*)@/.exec(target.url)) || [];
  return [encoded, decode(encoded)].reduce(
    (shown, password) => (password === "" ? shown : shown.replaceAll(password, "***")),
    text,
  );
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
