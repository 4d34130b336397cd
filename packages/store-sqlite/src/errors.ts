/** Returns an error of SQLite with what to do about it in its message, if that is known. */
export function explainError(error: unknown): unknown {
  const message = readMessage(error);
  const explanation = EXPLANATIONS.find(([pattern]) => pattern.test(message))?.[1];
  return explanation === undefined ? error : new Error(`${explanation} (${message})`, { cause: error });
}

/** Returns the message of an error, also if it comes from another realm or cannot be printed. */
export function readMessage(error: unknown): string {
  try {
    const isError = typeof error === "object" && error !== null && "message" in error;
    return String(isError ? error.message : error);
  } catch {
    return "an error that cannot be printed";
  }
}

const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [
    /within a transaction/,
    "The connection has a transaction open: give it a connection to SQLite of its own, so that it never catches statements of your application.",
  ],
  [/not a database/, "The file is not a database of SQLite: pass the path of another one."],
  [/is full|ENOSPC/, "SQLite cannot write, because the disk is full: make room on it."],
  [
    /readonly|read-only/,
    "SQLite cannot write: open the database for writing, and make its file and its folder writable.",
  ],
  [
    /is locked|is busy/,
    "Another program writes to the database: end it, or open the connection with a time limit to wait for it (PRAGMA busy_timeout).",
  ],
  [
    /no such (table|column)|has no column|no such index/,
    "The table is not the one that the package creates: set the option table to a name that is not in use, or rename the existing table.",
  ],
  [/not open|is closed/, "The connection is closed: close it after receiver.close() and worker.close()."],
];
