import { setTimeout as sleep } from "node:timers/promises";

import { type Delivery, type Emulator, type Fault, createEmulator } from "@ahasend-webhooks/emulator";
import { createEvent } from "@ahasend-webhooks/testing";

import { type Content, toSubject } from "./content.js";
import type { Reply } from "./oracle/oracle.js";
import type { Sent } from "./oracle/sent.js";
import type { Scenario } from "./scenarios/scenario.js";

export interface SenderOptions {
  /** Port of the receivers. */
  port: number;
  secret: string;
  random: () => number;
}

/** The load of a scenario. */
type Load = Pick<
  Scenario,
  "deliveries" | "duplicates" | "failures" | "keys" | "seconds" | "inFlight" | "pauseMs"
>;

/** Retries come a thousand times faster than AhaSend's. */
const SPEED = 1000;
/** Number of deliveries in flight when failed ones are replayed, and by default. */
const IN_FLIGHT = 48;
/** A lease lasts 15 s: a delivery whose owner was killed must be free again by then. */
const SETTLE_MS = 60_000;
const SETTLE_PAUSE_MS = 200;

const types = ["message.reception", "message.delivered", "message.opened", "message.bounced"] as const;

/** The sender: an emulator that retries fast, and records the replies. */
export class Sender {
  readonly replies = new Map<Reply, number>();
  readonly repliesToForged = new Map<Reply, number>();
  readonly #emulator: Emulator;
  readonly #endpoint: string;
  readonly #random: () => number;
  readonly #sent = new Map<string, Sent & { delivery: Delivery }>();
  readonly #latenciesMs: number[] = [];

  constructor({ port, secret, random }: SenderOptions) {
    this.#random = random;
    this.#emulator = createEmulator({ speed: SPEED, random });
    const url = `http://127.0.0.1:${port}/webhooks/ahasend`;
    this.#endpoint = this.#emulator.endpoints.create({ kind: "webhook", url, secret }).id;
  }

  get sent(): readonly Sent[] {
    return [...this.#sent.values()];
  }

  /** 99th percentile of the latency of acknowledged attempts. */
  get p99Ms(): number {
    const sorted = this.#latenciesMs.toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }

  /**
   * Sends at least `deliveries` deliveries, for at least `seconds` seconds: the share `duplicates` of them twice, half of
   * these at the same time and the others later, and some with a forged signature.
   */
  async send(load: Load): Promise<void> {
    const { deliveries, duplicates = 0.4, seconds, inFlight = IN_FLIGHT, pauseMs = 0 } = load;
    const again: Delivery[] = [];
    const endsAt = performance.now() + seconds * 1000;
    const hasMoreToSend = () => this.#sent.size < deliveries || performance.now() < endsAt;
    const worker = async (): Promise<void> => {
      while (hasMoreToSend() || again.length > 0) {
        const isRepeat = again.length > 0 && (!hasMoreToSend() || this.#random() < 0.2);
        const repeated = isRepeat ? again.splice(Math.floor(this.#random() * again.length), 1)[0] : undefined;
        if (repeated !== undefined) {
          await this.#repeat(repeated);
          continue;
        }
        const fate = this.#random();
        const faults: Fault[] = [];
        if (fate < duplicates / 2) faults.push({ kind: "copies", count: 2, timing: "together" });
        if (fate > 0.98) faults.push({ kind: "wrong_secret" });
        const delivery = await this.#emit(faults, this.#pickContent(load));
        if (pauseMs > 0) await sleep(pauseMs);
        if (fate >= duplicates / 2 && fate < duplicates) again.push(delivery);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  }

  /** Enables the endpoint and replays failed deliveries until all are acknowledged, as the account's owner would. */
  async settle(): Promise<void> {
    const giveUpAt = performance.now() + SETTLE_MS;
    for (;;) {
      const failed = [...this.#sent.values()].filter(({ acknowledged, forged }) => !acknowledged && !forged);
      if (failed.length === 0 || performance.now() > giveUpAt) return;
      // All at once, tens of thousands after a long outage would hold each other up until they time out.
      const repeatNext = async (): Promise<void> => {
        for (let one = failed.pop(); one !== undefined; one = failed.pop()) await this.#repeat(one.delivery);
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, repeatNext));
      await sleep(SETTLE_PAUSE_MS);
    }
  }

  close(): Promise<void> {
    return this.#emulator.close();
  }

  #pickContent({ failures: { flaky, poison } = { flaky: 0, poison: 0 }, keys = 1 }: Load): Content {
    const draw = this.#random();
    const fate = draw < poison ? "poison" : draw < poison + flaky ? "flaky" : "plain";
    return { fate, key: `key-${Math.floor(this.#random() * keys)}` };
  }

  async #emit(faults: readonly Fault[], content: Content): Promise<Delivery> {
    this.#emulator.endpoints.enable(this.#endpoint);
    const type = types[Math.floor(this.#random() * types.length)] ?? types[0];
    const sentAt = performance.now();
    const event = createEvent(type, { data: { subject: toSubject(content) } });
    const copies = this.#emulator.emit(event, { faults });
    const [delivery] = copies;
    if (delivery === undefined)
      throw new Error("The endpoint does not accept the event: check the event types it subscribes to.");
    const { id } = delivery;
    const forged = faults.some(({ kind }) => kind === "wrong_secret");
    const { fate } = content;
    this.#sent.set(id, { id, fate, forged, acknowledged: false, sentAt, delivery });
    await Promise.all(copies.map((copy) => this.#follow(copy)));
    return delivery;
  }

  async #repeat(delivery: Delivery): Promise<void> {
    this.#emulator.endpoints.enable(this.#endpoint);
    await this.#follow(this.#emulator.replay(delivery));
  }

  async #follow(delivery: Delivery): Promise<void> {
    const { id, attempts, state } = await delivery.settled;
    const sent = this.#sent.get(id);
    if (sent === undefined) return;
    if (state === "delivered") {
      sent.acknowledged = true;
      sent.acknowledgedAt ??= performance.now();
    }
    const replies = sent.forged ? this.repliesToForged : this.replies;
    for (const { response, error, latencyMs } of attempts) {
      const reply = response?.status ?? error?.code ?? "no reply";
      replies.set(reply, (replies.get(reply) ?? 0) + 1);
      if (isSuccess(reply)) this.#latenciesMs.push(latencyMs);
    }
  }
}

function isSuccess(reply: Reply): boolean {
  return typeof reply === "number" && reply >= 200 && reply < 300;
}
