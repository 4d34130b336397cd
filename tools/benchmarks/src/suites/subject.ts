import { Child } from "../child.js";
import type { LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import type { InboxUsage } from "../programs/inbox.js";

/** Deliveries that are sent at the same time. */
export const IN_FLIGHT = 32;
export const WARM_UP_MS = 500;
const IDLE_MS = 100;

/** A server on a free port, and what was measured: one value per round. */
export interface Subject {
  name: string;
  child: Child;
  port: number;
  /** Deliveries per second, one after the other and {@link IN_FLIGHT} at the same time. */
  alone: number[];
  concurrent: number[];
}

/** Starts a program that is measured. */
export async function startSubject(name: string, program: string, ...args: string[]): Promise<Subject> {
  const [child, { port }] = await Child.start<{ port: number }>(program, ...args);
  return { name, child, port, alone: [], concurrent: [] };
}

/** Measures servers in turn, each of which ends its work before the next one is measured. */
export async function measureRounds(
  load: Child,
  subjects: readonly Subject[],
  { rounds, roundMs }: Plan,
  endWork: (subject: Subject) => Promise<void> = async () => undefined,
): Promise<void> {
  const send = async (port: number, connections: number, ms: number) => {
    const { requests, seconds } = await load.ask<LoadResult>({ ports: [port], connections, ms });
    return requests / seconds;
  };
  for (const subject of subjects) {
    await send(subject.port, IN_FLIGHT, WARM_UP_MS);
    await endWork(subject);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      const { port, alone, concurrent } = subject;
      alone.push(await send(port, 1, roundMs / 2));
      concurrent.push(await send(port, IN_FLIGHT, roundMs));
      await endWork(subject);
    }
  }
}

/** Waits until a process handles nothing any more, but for slow handlers, which take no CPU. */
export async function waitUntilIdle(child: Child): Promise<void> {
  let handledBefore: number | undefined;
  for (;;) {
    const { handled } = await child.ask<InboxUsage>({});
    if (handled === handledBefore) return;
    handledBefore = handled;
    await pause(IDLE_MS);
  }
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
