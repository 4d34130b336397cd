import type { DeadLetter, Inbox, InboxOptions, StoredDelivery } from "@ahasend-webhooks/core";
import {
  type BoundRun,
  type TakenDelivery,
  PolledWork,
  type TypeFilter,
  resolveInboxOptions,
} from "@ahasend-webhooks/core/inbox";

interface Row {
  delivery: StoredDelivery;
  state: "waiting" | "active" | "done" | "dead";
  attempts: number;
  dueAt: number;
  error: string;
}

type Taken = TakenDelivery & { row: Row };

/** The rows of an inbox that outlive it, as a table would. */
export type Rows = Map<string, Row>;

/** The least that is an inbox: shows what the contract cases require. Not durable. */
export function memoryInbox(rows: Rows, options: InboxOptions): Inbox {
  const settings = resolveInboxOptions(options);
  let work: PolledWork<Taken, unknown> | undefined;
  const ordered = () => [...rows.values()];
  const isBlocked = (row: Row) =>
    ordered().some(
      (other) =>
        other !== row &&
        other.delivery.orderingKey === row.delivery.orderingKey &&
        row.delivery.orderingKey !== undefined &&
        (other.state === "active" ||
          (other.state === "waiting" && ordered().indexOf(other) < ordered().indexOf(row))),
    );
  const isDue = (row: Row) => row.state === "waiting" && row.dueAt <= performance.now() && !isBlocked(row);
  const matches = ({ names, isExclusive }: TypeFilter, type: string) => names.includes(type) !== isExclusive;
  const find = (ids: string | readonly string[]): Row[] => {
    if (ids === undefined) throw new TypeError('Pass ids or "all".');
    return [...rows]
      .filter(([id, row]) => row.state === "dead" && (ids === "all" || [ids].flat().includes(id)))
      .map(([, row]) => row);
  };
  const toLetter = ([id, { delivery, attempts, error }]: [string, Row]): DeadLetter & {
    rawBody: Uint8Array;
  } => {
    const { endpoint, deliveryId, type, rawBody } = delivery;
    return { id, endpoint, deliveryId, type, attempts, error, receivedAt: new Date(), rawBody };
  };

  const table = {
    pollMs: 1000,
    onWarning: (message: string, error: unknown) => console.error(message, error),
    async take(limit: number, types: TypeFilter) {
      const taken: Taken[] = [];
      for (const row of ordered()) {
        if (taken.length === limit || !isDue(row) || !matches(types, row.delivery.type)) continue;
        row.state = "active";
        row.attempts += 1;
        taken.push({ delivery: row.delivery, attempt: row.attempts, row });
      }
      return taken;
    },
    async handle({ row }: Taken, run: BoundRun<unknown>) {
      const verdict = await run();
      row.state = verdict.state === "handled" ? "done" : verdict.state === "dead" ? "dead" : "waiting";
      row.dueAt = performance.now() + settings.backoffMs(row.attempts);
      row.error = String(verdict.error);
      verdict.report();
    },
    async nextDueInMs() {
      const waiting = ordered()
        .filter(({ state }) => state === "waiting")
        .map(({ dueAt }) => dueAt - performance.now());
      return waiting.length === 0 ? undefined : Math.min(...waiting.map((ms) => (ms < 0 ? Infinity : ms)));
    },
  };

  return {
    retentionSeconds: settings.retentionSeconds,
    orderingKey: settings.orderingKey,
    async accept(delivery) {
      const key = `${delivery.endpoint}:${delivery.deliveryId}`;
      if (rows.has(key)) return "duplicate";
      rows.set(key, { delivery, state: "waiting", attempts: 0, dueAt: performance.now(), error: "" });
      work?.wake();
      return "accepted";
    },
    work(run) {
      if (work !== undefined) throw new TypeError("The inbox already has a worker.");
      return (work = new PolledWork(table, settings, run));
    },
    async stats() {
      const count = (wanted: Row["state"]) => ordered().filter(({ state }) => state === wanted).length;
      const waiting = count("waiting");
      const active = count("active");
      return {
        waiting,
        active,
        deadLetters: count("dead"),
        oldestSeconds: waiting + active > 0 ? 0 : undefined,
      };
    },
    deadLetters: {
      list: async ({ limit = 100 } = {}) =>
        [...rows]
          .filter(([, { state }]) => state === "dead")
          .slice(0, limit)
          .map(toLetter),
      inspect: async (id) => {
        const row = rows.get(id);
        return row?.state === "dead" ? toLetter([id, row]) : undefined;
      },
      replay: async (ids) => {
        const found = find(ids);
        for (const row of found)
          Object.assign(row, { state: "waiting", attempts: 0, dueAt: performance.now() });
        work?.wake();
        return found.length;
      },
      discard: async (ids) => {
        const found = find(ids);
        for (const row of found) row.state = "done";
        return found.length;
      },
    },
    close: () => undefined,
  };
}
