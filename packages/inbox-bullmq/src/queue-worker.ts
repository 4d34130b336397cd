import { type BackendFactory, type Job, type RedisQueueBackend, Worker, createPostgresBackend } from "bullmq";

import { type PostgresBackend, surviveSetUp } from "./postgres-server.js";

/** Creates the backend of a worker on PostgreSQL, with the type of that on Redis: nothing here depends on the difference. */
export const postgresBackend = ((...args) => {
  const backend = createPostgresBackend(...(args as unknown as Parameters<typeof createPostgresBackend>));
  surviveSetUp(backend as unknown as PostgresBackend);
  return backend as unknown as RedisQueueBackend;
}) satisfies BackendFactory<RedisQueueBackend>;

/** BullMQ's worker, which also says when it is finished with a job, and when it could not write a result. */
export class QueueWorker extends Worker<unknown, null> {
  onProcess: (processed: Promise<unknown>) => void = () => undefined;
  /** Called after a job whose result may not be written. */
  onUnwritten: (job: Job, error: unknown) => void = () => undefined;

  override processJob(...args: Parameters<Worker<unknown, null>["processJob"]>) {
    const [job] = args;
    const processed = super.processJob(...args).finally(() => {
      this.onUnwritten(
        job,
        new Error("The queue has not taken the result, so the delivery is handled again."),
      );
    });
    this.onProcess(processed);
    return processed;
  }
}
