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

/** The two calls that the store makes of a driver. */
export interface ScriptRunner {
  /** Runs a script that the server knows. */
  evalSha(sha: string, key: string, args: string[]): Promise<unknown>;
  /** Sends a script and runs it; the server knows it from then on. */
  eval(script: string, key: string, args: string[]): Promise<unknown>;
}

/** Things that have the methods of a client and cannot work, by a property that only they have. */
const LOOKALIKES: readonly (readonly [property: string, what: string])[] = [
  ["then", "a Promise: await it first"],
  ["isPipeline", "a pipeline or transaction: pass the client it was made of"],
  ["execAsPipeline", "a transaction: pass the client it was made of"],
  [
    "createScript",
    "a client of Upstash's REST interface: pass ioredis with the redis:// URL of the database",
  ],
  ["internal_send_command", "a client of redis 3: upgrade to redis 4 or newer"],
];

/**
 * Makes a {@link ScriptRunner} of a driver's client.
 *
 * @throws {TypeError} for anything else
 */
export function createScriptRunner(client: RedisLike): ScriptRunner {
  if (typeof client !== "object" || client === null) throw createClientError(describeType(client));
  for (const [property, what] of LOOKALIKES) {
    if (Reflect.get(client, property) !== undefined) throw createClientError(what);
  }
  if (typeof client.eval !== "function") throw createClientError(describeType(client));
  if ("evalSha" in client) {
    if ("evalsha" in client) throw createClientError("a client in legacy mode: pass its property v4");
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
  throw createClientError(describeType(client));
}

/** Never the value itself: it may be a URL with a password. */
function describeType(value: unknown): string {
  if (typeof value === "function") return `the function or class ${value.name}: pass what it makes`;
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return `an object of the class ${value.constructor?.name ?? "null"}`;
}

function createClientError(given: string): TypeError {
  return new TypeError(
    `redisStore needs a client of ioredis (new Redis()) or of redis (createClient()), but was given ${given}.`,
  );
}
