import { createEventBody } from "./bodies.js";
import { receiverLimits } from "../limits.js";
import { type Piece, isOnce, joinSteps } from "./piece.js";
import { Random } from "./random.js";
import { createGenuine, createOrderlyRequest, render } from "./requests.js";
import type { Conversation, Script, Step } from "../script.js";
import { createWildRequest } from "./wild-request.js";

/** Generates the script of a seed: always the same one. */
export function generate(seed: number): Script {
  const random = new Random(seed);
  const count = random.int(20, 60);
  let ids = 0;
  const nextId = () => `msg_${seed}_${(ids += 1)}`;
  const makers = [createHonest, createOrderly, createWild, createWild] as const;
  const conversations = random.list(count, () => random.pick(makers)(random, nextId));
  // A simultaneous duplicate of an honest conversation, as from a sender with two workers.
  const duplicate = conversations.find(({ manner }) => manner === "honest");
  if (duplicate !== undefined && random.oneIn(2)) conversations.push(duplicate);
  return random.oneIn(2) ? { conversations } : { conversations, lookUpMs: random.int(1, 100) };
}

type NextId = () => string;

function createHonest(random: Random, nextId: NextId): Conversation {
  const requests = random.list(random.int(1, 3), () => {
    const plan = createGenuine(random, nextId());
    return { pieces: render(random, plan), deliveryId: plan.deliveryId };
  });
  // It never stops reading: a client that does can lose a reply that is written right before a reset.
  const steps = toSteps(random, requests);
  return { manner: "honest", genuine: countCopies(requests), steps: steps.filter((step) => !isPause(step)) };
}

function createOrderly(random: Random, nextId: NextId): Conversation {
  const requests = random.list(random.int(1, 4), () => {
    const plan = createOrderlyRequest(random, nextId());
    return { pieces: render(random, plan), deliveryId: plan.deliveryId };
  });
  const repeated = random.oneIn(4) ? [...requests, random.pick(requests)] : requests;
  const steps = toSteps(random, repeated);
  return { manner: "orderly", genuine: countCopies(repeated), steps: [...steps, ...createEnding(random, 6)] };
}

function createWild(random: Random, nextId: NextId): Conversation {
  const requests = random.list(random.int(1, 3), () => createWildRequest(random, nextId()));
  const steps = toSteps(random, requests);
  return { manner: "wild", genuine: countCopies(requests), steps: [...steps, ...createEnding(random, 2)] };
}

function isPause(step: Step): boolean {
  return "do" in step && step.do === "pause";
}

interface Rendered {
  pieces: Piece[];
  deliveryId?: string | undefined;
}

function countCopies(requests: readonly Rendered[]): Record<string, number> {
  const copies: Record<string, number> = {};
  for (const { deliveryId } of requests) {
    if (deliveryId !== undefined) copies[deliveryId] = (copies[deliveryId] ?? 0) + 1;
  }
  return copies;
}

/** Sends requests pipelined, or each after the reply to the previous one, cut at random places. */
function toSteps(random: Random, requests: readonly Rendered[]): Step[] {
  const isPipelined = random.oneIn(2);
  const steps = requests.flatMap(({ pieces }, index): Step[] =>
    isPipelined || index === 0 ? pieces : [{ do: "reply" }, ...pieces],
  );
  const cut = joinSteps(steps).flatMap((step): Step[] => {
    if (!isOnce(step) || random.oneIn(3)) return [step];
    return random.split(step.send, random.int(1, 6)).map((send) => ({ send }));
  });
  if (!random.oneIn(5)) return cut;
  return [
    { do: "pause" },
    ...cut,
    ...random.list(random.int(1, 20), () => ({ do: "turn" }) as const),
    { do: "resume" },
  ];
}

/** Creates the end of a conversation: once in `oneIn` the client does not wait for the server to close. */
function createEnding(random: Random, oneIn: number): Step[] {
  if (!random.oneIn(oneIn)) return [];
  const turns = random.list(random.int(0, 5), () => ({ do: "turn" }) as const);
  return [...turns, { do: random.pick(["end", "destroy", "reset"] as const) }];
}

/** Creates the deliveries that must be accepted on a new connection after the noise: a small one and the largest one. */
export function createProbes(): { small: Conversation; large: Conversation } {
  const random = new Random(0);
  const probe = (id: string, bytes: number): Conversation => {
    const plan = createGenuine(random, id, createEventBody(random, bytes));
    const headers: typeof plan.headers = [...plan.headers, ["Connection", "close"]];
    return { manner: "honest", genuine: { [id]: 1 }, steps: render(random, { ...plan, headers }) };
  };
  return { small: probe("probe_small", 0), large: probe("probe_large", receiverLimits.maxBodyBytes) };
}
