import { MemoryStore, createReceiver, createVerifier, verify } from "@ahasend-webhooks/core";

import { type Delivery, type Size, createBody, createDelivery, forge, secret, sizes } from "../deliveries.js";
import { type Candidate, type Plan, interleave, computeRatio } from "../measure/interleave.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";

const options = { secret, on: { "*": () => undefined }, onOutcome: () => undefined };

/** Measures a whole receiver without HTTP: its cost beyond verification. */
export async function receiveSuite(plan: Plan): Promise<SuiteResult> {
  const receiving: Table = {
    title: "Receiving, without HTTP",
    note: "A new delivery each time: verify it, claim it in memory, call the handler, commit, and create the reply.",
    unit: "time",
    cells: [],
  };
  const refusal: Table = {
    title: "Forged deliveries",
    note: "The work that a forged delivery causes, next to that of a valid one.",
    unit: "time",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};

  for (const size of Object.keys(sizes) as Size[]) {
    const body = createBody(size);
    const accepted = await interleave(createReceiveCandidates(body), plan);
    receiving.cells.push(...accepted.map((series) => toCell(series, size)));
    figures[`receive ${size} ÷ verify`] = computeRatio(accepted, "verify", "receive");

    const refused = await interleave(createForgeryCandidates(body), plan);
    refusal.cells.push(...refused.map((series) => toCell(series, size)));
    figures[`forged ${size} ÷ valid`] = computeRatio(refused, "valid", "forged");
  }
  return { tables: [receiving, refusal], figures };
}

function createReceiveCandidates(body: Buffer): Candidate[] {
  const verifier = createVerifier({ secret });
  const receiverWithoutStore = createReceiver({ ...options, store: false });
  const receiver = createReceiver({ ...options, store: new MemoryStore() });
  return [
    createCandidate("verify", body, (delivery) => verify(delivery, { secret })),
    createCandidate("createVerifier", body, (delivery) => verifier.verify(delivery)),
    createCandidate("receive, store: false", body, (delivery) => receiverWithoutStore.receive(delivery)),
    createCandidate("receive", body, (delivery) => receiver.receive(delivery)),
  ];
}

/** Creates a candidate that gets a new delivery for each call. */
function createCandidate(
  name: string,
  body: Buffer,
  process: (delivery: Delivery) => unknown,
  alter = (delivery: Delivery) => delivery,
): Candidate {
  let deliveries: Delivery[] = [];
  const make = () => alter(createDelivery(body));
  return {
    name,
    prepare: (calls) => void (deliveries = Array.from({ length: calls }, make)),
    run: () => process(deliveries.pop() ?? make()),
  };
}

function createForgeryCandidates(body: Buffer): Candidate[] {
  const receiver = createReceiver({ ...options, store: new MemoryStore() });
  return [
    createCandidate("valid", body, (delivery) => receiver.receive(delivery)),
    createCandidate("forged", body, (delivery) => receiver.receive(delivery), forge),
  ];
}
