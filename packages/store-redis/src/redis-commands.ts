/** The methods of an ioredis client or cluster that the store calls. */
export interface IoredisLike {
  evalsha(sha: string, keyCount: number, ...args: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...args: string[]): Promise<unknown>;
  set(key: string, value: string, unit: "PX", ms: number): Promise<unknown>;
  set(key: string, value: string, unit: "PX", ms: number, condition: "NX"): Promise<unknown>;
  info?(section: string): Promise<string>;
}

/** The methods of a node-redis client, pool or cluster that the store calls. */
export interface NodeRedisLike {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  set(key: string, value: string, options: { PX: number; NX?: true }): Promise<unknown>;
  info?(section: string): Promise<unknown>;
}

/** A client of either driver, described by its shape so that its version does not matter. */
export type RedisLike = IoredisLike | NodeRedisLike;

/** The commands of the store, through either driver. */
export interface RedisCommands {
  /** Runs a script that the server has cached. */
  evalSha(sha: string, key: string, args: string[]): Promise<unknown>;
  /** Sends and runs a script; the server caches it. */
  eval(script: string, key: string, args: string[]): Promise<unknown>;
  /** Writes a string that expires after `ms` milliseconds. */
  set(key: string, value: string, ms: number): Promise<unknown>;
  /** Does the same if there is nothing under the key; replies null otherwise. */
  setNew(key: string, value: string, ms: number): Promise<unknown>;
}

/** Objects that have the methods of a client but do not work, each recognized by a property that only it has. */
const UNSUPPORTED: readonly (readonly [property: string, description: string])[] = [
  ["then", "a Promise: await it first"],
  ["isPipeline", "a pipeline or transaction: pass the client that created it"],
  ["execAsPipeline", "a transaction: pass the client that created it"],
  ["createScript", "a client of Upstash's REST API: pass an ioredis client for the database's redis:// URL"],
  ["internal_send_command", "a client of redis 3: upgrade to redis 4 or newer"],
];

/**
 * Creates a {@link RedisCommands} from a client of either driver.
 *
 * @throws {TypeError} if `client` is anything else
 */
export function createRedisCommands(client: RedisLike): RedisCommands {
  if (typeof client !== "object" || client === null) throw createClientError(describeType(client));
  for (const [property, description] of UNSUPPORTED) {
    if (Reflect.get(client, property) !== undefined) throw createClientError(description);
  }
  if (typeof client.eval !== "function" || typeof client.set !== "function")
    throw createClientError(describeType(client));
  if ("evalSha" in client) {
    if ("evalsha" in client) throw createClientError("a client in legacy mode: pass its v4 property");
    return {
      evalSha: (sha, key, args) => client.evalSha(sha, { keys: [key], arguments: args }),
      eval: (script, key, args) => client.eval(script, { keys: [key], arguments: args }),
      set: (key, value, ms) => client.set(key, value, { PX: ms }),
      setNew: (key, value, ms) => client.set(key, value, { PX: ms, NX: true }),
    };
  }
  if ("evalsha" in client) {
    return {
      evalSha: (sha, key, args) => client.evalsha(sha, 1, key, ...args),
      eval: (script, key, args) => client.eval(script, 1, key, ...args),
      set: (key, value, ms) => client.set(key, value, "PX", ms),
      setNew: (key, value, ms) => client.set(key, value, "PX", ms, "NX"),
    };
  }
  throw createClientError(describeType(client));
}

/** Describes the type only: the value may be a URL with a password. */
function describeType(value: unknown): string {
  if (typeof value === "function")
    return `the function or class ${value.name}: pass a client created with it`;
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return `an instance of ${value.constructor?.name ?? "null"}`;
}

function createClientError(description: string): TypeError {
  return new TypeError(
    `redisStore needs a client of ioredis (new Redis()) or redis (createClient()), but got ${description}.`,
  );
}
