import type { BullmqQueue } from "./bullmq-queue.js";
import { type PostgresBackend, PostgresServer } from "./postgres-server.js";
import type { QueueServer } from "./queue-server.js";
import { type RedisBackend, RedisServer } from "./redis-server.js";

/** Returns the server of a queue. @throws {TypeError} if it is neither Redis nor PostgreSQL */
export function findServer(queue: BullmqQueue): QueueServer {
  const backend = queue.getBackend();
  if ("client" in backend) return new RedisServer(queue, backend as RedisBackend);
  if ("connection" in backend) return new PostgresServer(queue, backend as PostgresBackend);
  throw new TypeError(
    "The queue must be on Redis or PostgreSQL: pass a queue with one of the backends of BullMQ itself.",
  );
}
