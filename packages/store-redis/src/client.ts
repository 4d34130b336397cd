/** The part of an ioredis client, or cluster, that is used here. */
export interface IoredisLike {
  evalsha(sha: string, keyCount: number, ...args: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...args: string[]): Promise<unknown>;
  info?(section: string): Promise<string>;
}

/** The part of a node-redis client, pool or cluster that is used here. */
export interface NodeRedisLike {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  info?(section: string): Promise<unknown>;
}

/** Any of the two drivers: their shape, so that their versions do not matter. */
export type RedisLike = IoredisLike | NodeRedisLike;

/** What the store asks of a driver. */
export interface ScriptRunner {
  /** Runs a script that the server knows. */
  evalSha(sha: string, key: string, args: string[]): Promise<unknown>;
  /** Sends a script and runs it; the server knows it from then on. */
  eval(script: string, key: string, args: string[]): Promise<unknown>;
}

/**
 * Makes a {@link ScriptRunner} of a driver's client.
 *
 * @throws {TypeError} for anything else
 */
export function scriptRunner(client: RedisLike): ScriptRunner {
  if (typeof client !== "object" || client === null) throw noClient();
  if ("evalSha" in client) {
    return {
      evalSha: (sha, key, args) => client.evalSha(sha, { keys: [key], arguments: args }),
      eval: (script, key, args) => client.eval(script, { keys: [key], arguments: args }),
    };
  }
  if ("evalsha" in client) {
    return {
      evalSha: (sha, key, args) => client.evalsha(sha, 1, key, ...args),
      eval: (script, key, args) => client.eval(script, 1, key, ...args),
    };
  }
  throw noClient();
}

function noClient(): TypeError {
  return new TypeError(
    "This is no Redis client: give one of ioredis (new Redis()) or of redis (createClient()).",
  );
}
