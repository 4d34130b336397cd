/** Starts of comments, strings and quoted names, where semicolons and keywords do not count. */
const HIDDEN = /--(?=\s|$)|#|\/\*(?!M?!)|['"`]/g;
/** The end of each; an escape is skipped. */
const ENDS: Readonly<Record<string, RegExp>> = {
  "--": /\n/g,
  "#": /\n/g,
  "/*": /\*\//g,
  "'": /\\[^]|'/g,
  '"': /\\[^]|"/g,
  "`": /`/g,
};

/** The edges of comments that the server executes: a start with an exclamation mark, and the end. */
const EXECUTED = /\/\*M?!\d*|\*\//g;

/** ROLLBACK TO, SAVEPOINT, RELEASE, temporary tables and DROP PREPARE do not end the transaction. */
const COMMAND = new RegExp(
  `^\\s*(${[
    "begin(?!\\s+not\\b)",
    "start\\s+transaction",
    "commit",
    "rollback(?!(?:\\s+work)?\\s+to\\b)",
    "xa",
    "set(?=\\s+password\\b|[^]*\\bautocommit\\b)",
    "create(?!\\s+(?:or\\s+replace\\s+)?temporary\\b)",
    "drop(?!\\s+(?:temporary|prepare)\\b)",
    "(?:alter|rename|truncate|grant|revoke|lock|unlock|flush|reset|install|uninstall)",
    "(?:optimize|repair|check)",
    "analyze(?=\\s+(?:no_write_to_binlog\\s+|local\\s+)?table\\b)",
    "(?:cache|load)\\s+index",
  ].join("|")})\\b`,
  "i",
);

/**
 * Returns the first command of a query that begins or ends a transaction, or commits it implicitly as DDL does, in capitals;
 * `undefined` if there is none. It is not a complete SQL parser: the receipt of the transaction detects what it misses.
 */
export function findCommittingCommand(sql: string): string | undefined {
  const visible = stripHidden(sql).replaceAll(EXECUTED, " ");
  for (const statement of visible.split(";")) {
    const command = COMMAND.exec(statement)?.[1];
    if (command !== undefined) return command.replaceAll(/\s+/g, " ").toUpperCase();
  }
  return undefined;
}

/** Replaces comments, strings and quoted names. Takes one pass, because a string may hold a large e-mail. */
function stripHidden(sql: string): string {
  let visible = "";
  let at = 0;
  for (let start = findFrom(HIDDEN, sql, 0); start !== null; start = findFrom(HIDDEN, sql, at)) {
    visible += `${sql.slice(at, start.index)} `;
    at = findEnd(start[0], sql, start.index + start[0].length);
  }
  return visible + sql.slice(at);
}

function findEnd(beginning: string, sql: string, from: number): number {
  const pattern = ENDS[beginning];
  if (pattern === undefined) return sql.length;
  for (let at = from; ;) {
    const end = findFrom(pattern, sql, at);
    if (end === null) return sql.length;
    at = end.index + end[0].length;
    if (!end[0].startsWith("\\")) return at;
  }
}

function findFrom(pattern: RegExp, sql: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(sql);
}
