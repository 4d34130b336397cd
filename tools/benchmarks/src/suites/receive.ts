import { MemoryStore, createReceiver, createVerifier, verify } from "@ahasend-webhooks/core";

import { type Delivery, type Size, createBody, createDelivery, forge, secret, sizes } from "../deliveries.js";
import { type Candidate, type Plan, interleave, computeRatio } from "../measure/interleave.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";

const handling = { secret, on: { "*": () => undefined }, onOutcome: () => undefined };

/** The whole way of a delivery, without HTTP: what does a receiver add to the check? */
export async function receiveSuite(plan: Plan): Promise<SuiteResult> {
  const whole: Table = {
    title: "Receiving, without HTTP",
    note: "Every delivery is a new one: verify, claim it in memory, call the handler, note that it is done, make the reply.",
    unit: "time",
    cells: [],
  };
  const refusal: Table = {
    title: "Forged deliveries",
    note: "What a stranger can make a receiver do, beside what AhaSend makes it do.",
    unit: "time",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};

  for (const size of Object.keys(sizes) as Size[]) {
    const body = createBody(size);
    const received = await interleave(createReceiveCandidates(body), plan);
    whole.cells.push(...received.map((series) => toCell(series, size)));
    figures[`receive ${size} ÷ verify`] = computeRatio(received, "verify", "receive");

    const refused = await interleave(createForgeryCandidates(body), plan);
    refusal.cells.push(...refused.map((series) => toCell(series, size)));
    figures[`forged ${size} ÷ valid`] = computeRatio(refused, "valid", "forged");
  }
  return { tables: [whole, refusal], figures };
}

function createReceiveCandidates(body: Buffer): Candidate[] {
  const verifier = createVerifier({ secret });
  const undeduped = createReceiver({ ...handling, store: false });
  const receiver = createReceiver({ ...handling, store: new MemoryStore() });
  return [
    createCandidate("verify", body, (delivery) => verify(delivery, { secret })),
    createCandidate("createVerifier", body, (delivery) => verifier.verify(delivery)),
    createCandidate("receive, store: false", body, (delivery) => undeduped.receive(delivery)),
    createCandidate("receive", body, (delivery) => receiver.receive(delivery)),
  ];
}

/** A candidate that is given a new delivery with each call. */
function createCandidate(
  name: string,
  body: Buffer,
  take: (delivery: Delivery) => unknown,
  alter = (delivery: Delivery) => delivery,
): Candidate {
  let deliveries: Delivery[] = [];
  const make = () => alter(createDelivery(body));
  return {
    name,
    prepare: (calls) => void (deliveries = Array.from({ length: calls }, make)),
    run: () => take(deliveries.pop() ?? make()),
  };
}

function createForgeryCandidates(body: Buffer): Candidate[] {
  const receiver = createReceiver({ ...handling, store: new MemoryStore() });
  return [
    createCandidate("valid", body, (delivery) => receiver.receive(delivery)),
    createCandidate("forged", body, (delivery) => receiver.receive(delivery), forge),
  ];
}
