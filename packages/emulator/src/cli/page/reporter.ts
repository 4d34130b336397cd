import { randomUUID } from "node:crypto";

import type { Origin } from "../../dev/reports/origin.js";
import type { DeliveryReport, Reports } from "../../dev/reports/report.js";
import { describeError } from "../../transport/describe-error.js";
import { Transport } from "../../transport/transport.js";
import { UsageError } from "../exit.js";

/** Shows deliveries on the page of `dev`. */
export interface Reporter {
  /**
   * Sends a delivery to the page, or its progress. Never fails: the first error ends the reports with a warning.
   *
   * @param name unique in this run
   */
  report(name: string, create: (key: string) => DeliveryReport): void;
  /** Resolves when everything has been sent. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** A larger batch would keep the page waiting. */
const BATCH_BYTES = 5_000_000;
/** The page accepts 30 MB, and JSON escapes some characters. */
const MAX_REPORT_BYTES = 29_000_000;

const silent: Reporter = { report: () => undefined, close: () => Promise.resolve() };

/**
 * Opens the connection to the page of `dev`; without a page, nothing is reported.
 *
 * @throws {UsageError} when no `dev` answers there
 */
export async function openReporter(page: string | undefined, origin: Origin): Promise<Reporter> {
  if (page === undefined) return silent;
  const transport = new Transport({ allowRemote: false, insecure: false, lookup: undefined });
  const reporter = new PageReporter(origin, (body) => post(transport, page, body));
  try {
    await reporter.check();
  } catch (cause) {
    transport.close();
    const { message } = describeError(cause);
    throw new UsageError(
      `The page at ${page} does not answer (${message}): start dev, or leave out --page.`,
      { cause },
    );
  }
  return {
    report: (name, create) => reporter.report(name, create),
    close: () => reporter.close().finally(() => transport.close()),
  };
}

/** @throws {Error} unless the page accepts the report */
async function post(transport: Transport, page: string, body: string): Promise<void> {
  const length = String(Buffer.byteLength(body));
  const headers = { "content-type": "application/json", "content-length": length };
  const url = new URL("/api/reports", page).href;
  const request = { method: "POST", url, headers, body, uploadSeconds: 0 } as const;
  const reply = await transport.send(request, [], AbortSignal.timeout(TIMEOUT_MS));
  if (reply.status !== 200) throw new Error(`status ${reply.status}`);
}

/** Sends the latest state of each delivery, in the order in which they were first reported. */
class PageReporter implements Reporter {
  readonly #origin: Origin;
  readonly #post: (body: string) => Promise<void>;
  readonly #run = randomUUID();
  readonly #queue = new Map<string, DeliveryReport>();
  #sending: Promise<void> | undefined;
  #hasFailed = false;

  constructor(origin: Origin, post: (body: string) => Promise<void>) {
    this.#origin = origin;
    this.#post = post;
  }

  check(): Promise<void> {
    return this.#send([]);
  }

  report(name: string, create: (key: string) => DeliveryReport): void {
    if (this.#hasFailed) return;
    const key = `${this.#origin}/${this.#run}/${name}`;
    this.#queue.set(key, create(key));
    this.#sending ??= this.#flush();
  }

  async close(): Promise<void> {
    await this.#sending;
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.size > 0) await this.#send(this.#takeBatch());
    } catch (error) {
      this.#hasFailed = true;
      this.#queue.clear();
      process.stderr.write(`The page no longer answers: ${describeError(error).message}\n`);
    }
    this.#sending = undefined;
  }

  #takeBatch(): DeliveryReport[] {
    const batch: DeliveryReport[] = [];
    let bytes = 0;
    for (const [key, delivery] of this.#queue) {
      bytes += countBytes(delivery);
      if (bytes > BATCH_BYTES && batch.length > 0) break;
      this.#queue.delete(key);
      batch.push(delivery);
    }
    return batch;
  }

  async #send(deliveries: DeliveryReport[]): Promise<void> {
    const reports: Reports = { origin: this.#origin, deliveries };
    const body = JSON.stringify(reports);
    const isTooLarge = Buffer.byteLength(body) > MAX_REPORT_BYTES;
    await this.#post(
      isTooLarge ? JSON.stringify({ ...reports, deliveries: deliveries.map(omitBodies) }) : body,
    );
  }
}

/** Returns the approximate size of a report: that of its bodies. */
function countBytes({ attempts }: DeliveryReport): number {
  return attempts.reduce((sum, { request: { body } }) => {
    return sum + (typeof body === "string" ? body : body.base64).length;
  }, 0);
}

function omitBodies(delivery: DeliveryReport): DeliveryReport {
  const attempts = delivery.attempts.map((attempt) => ({
    ...attempt,
    request: { ...attempt.request, body: "(too large to be shown here)" },
  }));
  return { ...delivery, attempts };
}
