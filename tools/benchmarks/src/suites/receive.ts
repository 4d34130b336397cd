import { MemoryStore, createReceiver, createVerifier, verify } from "@ahasend-webhooks/core";

import { type Delivery, type Size, bodyOf, deliveryOf, forged, secret, sizes } from "../deliveries.js";
import { type Candidate, type Plan, interleave, times } from "../measure.js";
import { type SuiteResult, type Table, cellOf } from "../result.js";

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
    const body = bodyOf(size);
    const received = await interleave(receivers(body), plan);
    whole.cells.push(...received.map((series) => cellOf(series, size)));
    figures[`receive ${size} ÷ verify`] = times(received, "verify", "receive");

    const refused = await interleave(refusals(body), plan);
    refusal.cells.push(...refused.map((series) => cellOf(series, size)));
    figures[`forged ${size} ÷ valid`] = times(refused, "valid", "forged");
  }
  return { tables: [whole, refusal], figures };
}

function receivers(body: Buffer): Candidate[] {
  const verifier = createVerifier({ secret });
  const undeduped = createReceiver({ ...handling, store: false });
  const receiver = createReceiver({ ...handling, store: new MemoryStore() });
  return [
    fresh("verify", body, (delivery) => verify(delivery, { secret })),
    fresh("createVerifier", body, (delivery) => verifier.verify(delivery)),
    fresh("receive, store: false", body, (delivery) => undeduped.receive(delivery)),
    fresh("receive", body, (delivery) => receiver.receive(delivery)),
  ];
}

/** A candidate that is given a new delivery with each call. */
function fresh(
  name: string,
  body: Buffer,
  take: (delivery: Delivery) => unknown,
  alter = (delivery: Delivery) => delivery,
): Candidate {
  let deliveries: Delivery[] = [];
  const make = () => alter(deliveryOf(body));
  return {
    name,
    prepare: (calls) => void (deliveries = Array.from({ length: calls }, make)),
    run: () => take(deliveries.pop() ?? make()),
  };
}

function refusals(body: Buffer): Candidate[] {
  const receiver = createReceiver({ ...handling, store: new MemoryStore() });
  return [
    fresh("valid", body, (delivery) => receiver.receive(delivery)),
    fresh("forged", body, (delivery) => receiver.receive(delivery), forged),
  ];
}
