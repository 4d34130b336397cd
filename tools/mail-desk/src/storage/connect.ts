const variables = { PostgreSQL: "DATABASE_URL", MySQL: "MYSQL_URL", Redis: "REDIS_URL" } as const;

/**
 * Takes the first steps on a server.
 *
 * @throws {Error} naming the variable to check, if they fail
 */
export async function connect<Result>(
  server: keyof typeof variables,
  steps: () => Promise<Result>,
): Promise<Result> {
  try {
    return await steps();
  } catch (cause) {
    const reason = describe(cause);
    throw new Error(`${variables[server]}: ${server} cannot be used (${reason}): check the URL.`, { cause });
  }
}

function describe(error: unknown): string {
  // Node.js tries every address of a host: each error has a message then, and the one that holds them has none.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error ? one.message : String(one);
}
