/** Comments, strings, quoted names and dollar quotes: a semicolon or a word in them does not count. */
const HIDDEN =
  /--[^\n\r]*|\/\*|\b[eE]'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[^]*?\1/g;
const COMMENT_EDGE = /\/\*|\*\//g;

/** ROLLBACK TO leaves the transaction as it is, and so do SAVEPOINT, RELEASE and a plain PREPARE. */
const COMMAND =
  /^\s*(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!(?:\s+(?:work|transaction))?\s+to\b))\b/i;
const FIRST_WORDS = /\b(?:begin|start|commit|end|abort|prepare|rollback)\b/i;
/** From here on the semicolons of a function's body follow. */
const SQL_BODY = /\bbegin\s+atomic\b/i;

/**
 * Returns the first command of a query that begins or ends a transaction, in capitals; `undefined` when there is none.
 * It reads SQL only as far as it must: what it misses, the savepoint of the transaction finds.
 */
export function transactionCommand(sql: string): string | undefined {
  if (!FIRST_WORDS.test(sql)) return undefined;
  for (const statement of visible(sql).split(";")) {
    const command = COMMAND.exec(statement)?.[1];
    if (command !== undefined) return command.replace(/\s+/g, " ").toUpperCase();
    if (SQL_BODY.test(statement)) return undefined;
  }
  return undefined;
}

/** A query without what hides semicolons and words. */
function visible(sql: string): string {
  let text = "";
  let at = 0;
  HIDDEN.lastIndex = 0;
  for (let hidden = HIDDEN.exec(sql); hidden !== null; hidden = HIDDEN.exec(sql)) {
    text += `${sql.slice(at, hidden.index)} `;
    if (hidden[0] === "/*") HIDDEN.lastIndex = endOfComment(sql, HIDDEN.lastIndex);
    at = HIDDEN.lastIndex;
  }
  return text + sql.slice(at);
}

/** Comments of PostgreSQL nest. */
function endOfComment(sql: string, start: number): number {
  COMMENT_EDGE.lastIndex = start;
  for (let depth = 1; depth > 0;) {
    const edge = COMMENT_EDGE.exec(sql);
    if (edge === null) return sql.length;
    depth += edge[0] === "/*" ? 1 : -1;
  }
  return COMMENT_EDGE.lastIndex;
}
