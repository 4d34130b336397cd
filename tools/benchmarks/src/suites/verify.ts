import { createVerifier, verify } from "@ahasend-webhooks/core";

import { type Delivery, type Size, createBody, createDelivery, secret, sizes } from "../deliveries.js";
import { type Plan, type Series, inTurn, interleave, computeRatio } from "../measure/interleave.js";
import { type CreateCall, baselines, selectPeers } from "../peers.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";
import { ourSignatureCheck } from "./signature-check.js";

type Calls = Readonly<Record<string, CreateCall>>;

const OURS = "ahasend-webhooks";
const verifier = createVerifier({ secret });

const signatureChecks: Calls = {
  [OURS]: ourSignatureCheck,
  ...baselines,
  ...selectPeers("signatureCheck"),
};

const verifications: Calls = {
  [OURS]: (delivery) => () => verify(delivery, { secret }),
  "ahasend-webhooks, createVerifier": (delivery) => () => verifier.verify(delivery),
  ...selectPeers("verification"),
};

/** The number of deliveries that alternate, so that no call is fast because it repeats the previous one. */
const VARIETY: Record<Size, number> = { "550 B": 64, "5 KB": 64, "100 KB": 16, "1 MB": 4, "30 MB": 1 };

/** Measures checking a signature, and verifying a whole delivery, in memory. */
export async function verifySuite(plan: Plan): Promise<SuiteResult> {
  const signature: Table = {
    title: "Signature check",
    note: "From the bytes of a body and its headers to a valid signature. Octokit and Stripe check their own schemes, standardwebhooks runs with `jsonParse: false`.",
    unit: "time",
    cells: [],
    chart: ["550 B", "1 MB"],
  };
  const verification: Table = {
    title: "Verification",
    note: "The same, up to the parsed event: headers, clock, signature, JSON.parse.",
    unit: "time",
    cells: [],
    chart: ["550 B", "1 MB"],
  };
  const figures: SuiteResult["figures"] = {};

  for (const size of Object.keys(sizes) as Size[]) {
    const body = createBody(size);
    const deliveries = Array.from({ length: VARIETY[size] }, () => createDelivery(body));

    const checks = await compare(signatureChecks, deliveries, plan);
    signature.cells.push(...checks.map((series) => toCell(series, size)));
    figures[`signature ${size} × standardwebhooks`] = computeRatio(checks, OURS, "standardwebhooks");
    figures[`signature ${size} × bare HMAC`] = computeRatio(checks, OURS, "bare createHmac");

    const runs = await compare(verifications, deliveries, plan);
    verification.cells.push(...runs.map((series) => toCell(series, size)));
    figures[`verify ${size} × standardwebhooks`] = computeRatio(runs, OURS, "standardwebhooks");
  }
  return { tables: [signature, verification], figures };
}

/** Measures all calls on the same deliveries. */
async function compare(calls: Calls, deliveries: readonly Delivery[], plan: Plan): Promise<Series[]> {
  const candidates = [];
  for (const [name, createCall] of Object.entries(calls)) {
    const prepared = deliveries.map(createCall);
    if ((await prepared[0]?.()) === false) throw new Error(`${name} refuses a valid delivery.`);
    candidates.push({ name, run: inTurn(prepared) });
  }
  return interleave(candidates, plan);
}
