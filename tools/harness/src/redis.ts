import { Redis } from "ioredis";

import { type TestServer, freePort, readVersion, runServer, temporaryFolder, until } from "./process.js";

/** Returns whether a Redis can be started. */
export const hasRedis = () => readVersion("redis-server") !== undefined;

/** Starts a Redis that keeps every write on disk, so that it can be killed and started again. */
export async function startRedis(args: string[] = []): Promise<TestServer> {
  const folder = temporaryFolder();
  const port = await freePort();
  const options = {
    port,
    bind: "127.0.0.1",
    save: "",
    dir: folder,
    appendonly: "yes",
    appendfsync: "always",
  };
  return runServer({
    command: "redis-server",
    args: [...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]), ...args],
    folder,
    port,
    url: `redis://127.0.0.1:${port}`,
    ready: () => until(() => ping(port), "Redis"),
  });
}

/** Starts a cluster of one Redis, which has all slots. */
export async function startRedisCluster(): Promise<TestServer> {
  const server = await startRedis(["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]);
  const admin = new Redis(server.port);
  try {
    await admin.cluster("ADDSLOTSRANGE", 0, 16_383);
    await until(async () => {
      if (!(await admin.cluster("INFO")).includes("cluster_state:ok"))
        throw new Error("Not all slots are served.");
    }, "Redis");
  } finally {
    admin.disconnect();
  }
  return server;
}

async function ping(port: number): Promise<void> {
  const client = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}
