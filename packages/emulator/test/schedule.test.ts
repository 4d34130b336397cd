import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { createEvent } from "@ahasend-webhooks/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { deepStrictEqual } from "node:assert/strict";

import { createEmulator, maxAttempts, retryDelaySeconds, seededRandom, steppedClock } from "../src/index.js";

const events = { webhook: createEvent("message.opened"), route: createEvent("message.routing") };

/** The statuses of the replies to each delivery. */
const replies = new Map<string, number[]>();
const server = createServer((request, response) => {
  request.resume();
  const status = replies.get(String(request.headers["webhook-id"]))?.shift() ?? 500;
  response.writeHead(status).end();
});
let url: string;

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Plan {
  kind: "webhook" | "route";
  /** Clock time at which it is emitted. */
  startsAt: number;
  statuses: number[];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom("webhook", "route"),
  startsAt: fc.integer({ min: 0, max: 2_000_000 }),
  statuses: fc.array(fc.constantFrom(200, 204, 404, 500, 500, 500, 503), { maxLength: 12 }),
});

/** The times of the attempts of a delivery in the plainest form; undefined where the jitter decides. */
function expectedOf({ kind, statuses, startsAt }: Plan) {
  const success = statuses.findIndex((status) => status < 300);
  const attempts = success === -1 || success >= maxAttempts[kind] ? maxAttempts[kind] : success + 1;
  const times = [startsAt];
  for (let failures = 1; failures < attempts; failures += 1) {
    times.push(times[failures - 1]! + retryDelaySeconds(failures, () => 0.5) * 1000);
  }
  return { times, state: success === -1 || success >= maxAttempts[kind] ? "failed" : "delivered" };
}

describe("the scheduler", () => {
  it("agrees with a plain model for any replies and any number of deliveries", async () => {
    const property = fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 5 }), async (plans) => {
      const clock = steppedClock(0);
      const emulator = createEmulator({ clock, random: () => 0.5 });
      try {
        const made = [];
        for (const { kind, startsAt, statuses } of plans.toSorted(
          (one, other) => one.startsAt - other.startsAt,
        )) {
          // Each delivery gets its own endpoint, so that none is disabled.
          const endpoint = emulator.endpoints.create({ kind, url });
          while (clock.now() < startsAt) {
            await emulator.quiet();
            const next = clock.nextAt ?? Infinity;
            clock.advance(Math.min(next, startsAt) - clock.now());
          }
          const id = `msg_${made.length}`;
          replies.set(id, [...statuses]);
          const [delivery] = emulator.emit(events[kind], { id, endpoints: [endpoint.id] });
          made.push({ delivery: delivery!, endpoint, expected: expectedOf({ kind, startsAt, statuses }) });
        }
        do await emulator.quiet();
        while (clock.advanceToNext());
        for (const { delivery, endpoint, expected } of made) {
          const times = delivery.attempts.map(({ startedAt }) => startedAt.getTime());
          deepStrictEqual({ times, state: delivery.state }, expected);
          const success = expected.state === "delivered" ? 1 : 0;
          deepStrictEqual(endpoint.success_count, success);
          deepStrictEqual(endpoint.error_count, times.length - success);
          deepStrictEqual(endpoint.errors_since_last_success, success === 1 ? 0 : times.length);
        }
        await emulator.idle();
      } finally {
        await emulator.close();
      }
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it("keeps each pause within 10 % of the contract, and the same for the same seed", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 11 }), (seed, failures) => {
        const [one, other] = [seededRandom(seed), seededRandom(seed)];
        const delay = retryDelaySeconds(failures, one);
        deepStrictEqual(retryDelaySeconds(failures, other), delay);
        deepStrictEqual(Math.abs(delay / failures ** 4 - 1) <= 0.1 + 1e-9, true);
      }),
    );
  });
});
