/** A database of Kysely, as far as it is called. */
export interface KyselyLike<Tx extends KyselySession> extends KyselySession {
  transaction(): { execute: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result> };
}

/** Runs statements of Kysely. */
export interface KyselySession {
  executeQuery(query: never): Promise<KyselyResult>;
}

/** The result of a statement of Kysely. */
export interface KyselyResult {
  rows: unknown[];
  /** Left out for statements that return rows. */
  numAffectedRows?: bigint;
}

/** Runs a statement as Kysely's `CompiledQuery.raw()` does. */
export function runRawKysely(
  session: KyselySession,
  text: string,
  parameters: readonly unknown[],
): Promise<KyselyResult> {
  const query = { kind: "RawNode", sqlFragments: [text], parameters: [] };
  const compiled = { sql: text, parameters, query, queryId: { queryId: "ahasend" } };
  return session.executeQuery(compiled as never);
}
