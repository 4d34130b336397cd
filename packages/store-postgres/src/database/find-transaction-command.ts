/** Starts of comments, strings, quoted names and dollar quotes, where semicolons and keywords do not count. */
const HIDDEN =
  /--|\/\*|(?<![\w$\u0080-\uffff])[eE]'|'|"|(?<![\w$\u0080-\uffff])\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g;
const COMMENT_EDGE = /\/\*|\*\//g;
const LINE_END = /[\n\r]/g;
/** In a string with escapes: an escape, or a continuation on the next line; or its end. */
const ESCAPE_OR_END = /\\[^]|''|'[ \t\f\v]*[\n\r]\s*'|'/g;

/** ROLLBACK TO, SAVEPOINT, RELEASE and a plain PREPARE do not end the transaction. */
const COMMAND =
  /^\s*(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!(?:\s+(?:work|transaction))?\s+to\b))\b/i;
const FIRST_WORDS = /\b(?:begin|start|commit|end|abort|prepare|rollback)\b/i;
/** Starts the body of a SQL function: until END, semicolons do not end the statement. */
const SQL_BODY = /^\s*create\b[^]*\bbegin\s+atomic\b(?!\s+end\b)/i;

/**
 * Returns the first command of a query that begins or ends a transaction, in capitals; `undefined` if there is none. It is
 * not a complete SQL parser: the savepoint of the transaction detects what it misses.
 */
export function findTransactionCommand(sql: string): string | undefined {
  if (!FIRST_WORDS.test(sql)) return undefined;
  let isInBody = false;
  for (const statement of stripHidden(sql).split(";")) {
    const command = COMMAND.exec(statement)?.[1]?.replace(/\s+/g, " ").toUpperCase();
    if (isInBody) {
      isInBody = command !== "END";
    } else {
      if (command !== undefined) return command;
      isInBody = SQL_BODY.test(statement);
    }
  }
  return undefined;
}

/** Removes comments, strings and quoted names. Takes one pass, because a string may hold a large e-mail. */
function stripHidden(sql: string): string {
  let visible = "";
  let at = 0;
  HIDDEN.lastIndex = 0;
  for (let hidden = HIDDEN.exec(sql); hidden !== null; hidden = HIDDEN.exec(sql)) {
    visible += `${sql.slice(at, hidden.index)} `;
    at = HIDDEN.lastIndex = findHiddenEnd(hidden[0], sql, HIDDEN.lastIndex);
  }
  return visible + sql.slice(at);
}

/** Returns the end of the hidden part whose content begins at `start`. A doubled quote counts as two adjacent strings. */
function findHiddenEnd(beginning: string, sql: string, start: number): number {
  if (beginning === "--") return findAfterNext(LINE_END, sql, start);
  if (beginning === "/*") return findCommentEnd(sql, start);
  if (beginning.length === 2 && beginning.endsWith("'")) return findEscapeStringEnd(sql, start);
  const end = sql.indexOf(beginning, start);
  return end === -1 ? sql.length : end + beginning.length;
}

/** Returns the end of a comment; PostgreSQL nests them. */
function findCommentEnd(sql: string, start: number): number {
  COMMENT_EDGE.lastIndex = start;
  for (let depth = 1; depth > 0;) {
    const edge = COMMENT_EDGE.exec(sql);
    if (edge === null) return sql.length;
    depth += edge[0] === "/*" ? 1 : -1;
  }
  return COMMENT_EDGE.lastIndex;
}

function findEscapeStringEnd(sql: string, start: number): number {
  ESCAPE_OR_END.lastIndex = start;
  for (let next = ESCAPE_OR_END.exec(sql); next !== null; next = ESCAPE_OR_END.exec(sql)) {
    if (next[0] === "'") return ESCAPE_OR_END.lastIndex;
  }
  return sql.length;
}

function findAfterNext(pattern: RegExp, sql: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.exec(sql) === null ? sql.length : pattern.lastIndex;
}
