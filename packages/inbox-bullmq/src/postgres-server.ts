import type { BullmqNewJob, BullmqQueue } from "./bullmq-queue.js";
import type { QueueServer } from "./queue-server.js";

/** Set-up of BullMQ that it starts once. */
interface SetUp {
  waitUntilReady: () => Promise<unknown>;
  /** The result of that, once it was called. */
  readyPromise: Promise<unknown> | undefined;
}

/** The part of BullMQ's PostgreSQL backend that the inbox uses. */
export interface PostgresBackend extends SetUp {
  connection: SetUp & {
    pool: {
      query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
      on(event: "acquire", listener: (client: PostgresClient) => void): unknown;
    };
    schema: string;
  };
}

/** A client of pg. */
interface PostgresClient {
  on(event: "error", listener: () => void): unknown;
}

/**
 * Lets a backend survive that its server is lost, or is not there yet, while it looks for its tables. By itself, BullMQ does not
 * listen to the client that it uses then, so that an error ends the process; and it keeps the failure forever, so that a worker
 * takes deliveries and cannot settle them.
 */
export function surviveSetUp(backend: PostgresBackend): void {
  const known = new WeakSet<PostgresClient>();
  backend.connection.pool.on("acquire", (client) => {
    if (known.has(client)) return;
    known.add(client);
    client.on("error", () => undefined);
  });
  forgetFailure(backend.connection);
  forgetFailure(backend);
}

/** Starts a set-up that has failed again when it is next needed. */
function forgetFailure(setUp: SetUp): void {
  const waitUntilReady = setUp.waitUntilReady.bind(setUp);
  setUp.waitUntilReady = async () => {
    try {
      return await waitUntilReady();
    } catch (error) {
      setUp.readyPromise = undefined;
      throw error;
    }
  };
}

/** A PostgreSQL with a queue. BullMQ finds its tables by the `search_path`, and so do these statements. */
export class PostgresServer implements QueueServer {
  readonly #queue: BullmqQueue;
  readonly #backend: PostgresBackend;

  constructor(queue: BullmqQueue, backend: PostgresBackend) {
    this.#queue = queue;
    this.#backend = backend;
    surviveSetUp(backend);
  }

  async addJobs(jobs: BullmqNewJob[]): Promise<boolean[]> {
    await this.#queue.addBulk(jobs);
    const text = "SELECT opts ->> 'token' AS token FROM job WHERE queue = $1 AND id = ANY ($2::text[])";
    const rows = await this.#query(text, [this.#queue.name, jobs.map(({ opts }) => opts.jobId)]);
    const kept = new Set(rows.map((row) => row["token"]));
    return jobs.map(({ opts }) => kept.has(opts.token));
  }

  async readTimestamps(jobIds: readonly string[]): Promise<number[]> {
    const text = "SELECT added_at_ms::float8 AS time FROM job WHERE queue = $1 AND id = ANY ($2::text[])";
    return (await this.#query(text, [this.#queue.name, jobIds])).map(({ time }) => Number(time));
  }

  async findRisks(): Promise<string[]> {
    const text =
      "SELECT to_regclass('job') IS NOT NULL AS found, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit";
    const [{ found, fsync, commit } = {}] = await this.#query(text, []);
    if (found !== true) {
      const { schema } = this.#backend.connection;
      throw new Error(
        `The pool of the queue does not find the tables of BullMQ: create it with options: "-c search_path=${schema}", or pass { connectionString, schema } to the queue.`,
      );
    }
    const risks: string[] = [];
    if (commit === "off") {
      risks.push(
        "PostgreSQL acknowledges deliveries before they are on the disk, so that a crash loses them: set synchronous_commit to on.",
      );
    }
    if (fsync === "off") {
      risks.push(
        "PostgreSQL does not flush deliveries to the disk, so that a crash loses them: set fsync to on.",
      );
    }
    return risks;
  }

  async #query(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    const { connection } = this.#backend;
    await connection.waitUntilReady();
    return (await connection.pool.query(text, values)).rows;
  }
}
