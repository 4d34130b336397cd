import { createVerifier, verify } from "@ahasend-webhooks/core";

import { type Delivery, type Size, createBody, createDelivery, secret, sizes } from "../deliveries.js";
import { type Plan, type Series, inTurn, interleave, computeRatio } from "../measure/interleave.js";
import * as peers from "../peers.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";
import { ourSignatureCheck } from "./signature-check.js";

type Contenders = Record<string, peers.CreateCall>;

const OURS = "ahasend-webhooks";
const verifier = createVerifier({ secret });

const signatureChecks: Contenders = {
  [OURS]: ourSignatureCheck,
  "bare createHmac": peers.bareHmac,
  "createHmac over text": peers.handWritten,
  "@octokit/webhooks-methods": peers.octokitVerify,
  stripe: peers.stripeSignature,
  "crypto.subtle": peers.webCrypto,
  standardwebhooks: peers.standardWebhooksSignature,
};

const verifications: Contenders = {
  [OURS]: (delivery) => () => verify(delivery, { secret }),
  "ahasend-webhooks, createVerifier": (delivery) => () => verifier.verify(delivery),
  stripe: peers.stripeEvent,
  svix: peers.svixWebhook,
  standardwebhooks: peers.standardWebhooks,
};

/** How many deliveries take turns, so that nothing is fast because the same was seen just before. */
const VARIETY: Record<Size, number> = { "550 B": 64, "5 KB": 64, "100 KB": 16, "1 MB": 4, "30 MB": 1 };

/** Deliveries in memory: is the signature right, and what is the event? */
export async function verifySuite(plan: Plan): Promise<SuiteResult> {
  const signature: Table = {
    title: "Signature check",
    note: "The bytes of a body and its headers are there; done when the signature is known to be right. Octokit and Stripe check their own schemes, standardwebhooks runs with `jsonParse: false`.",
    unit: "time",
    cells: [],
    chart: ["550 B", "1 MB"],
  };
  const whole: Table = {
    title: "Verification",
    note: "The same, done when the event is there: headers, clock, signature, JSON.parse.",
    unit: "time",
    cells: [],
    chart: ["550 B", "1 MB"],
  };
  const figures: SuiteResult["figures"] = {};

  for (const size of Object.keys(sizes) as Size[]) {
    const body = createBody(size);
    const deliveries = Array.from({ length: VARIETY[size] }, () => createDelivery(body));

    const checked = await compare(signatureChecks, deliveries, plan);
    signature.cells.push(...checked.map((series) => toCell(series, size)));
    figures[`signature ${size} × standardwebhooks`] = computeRatio(checked, OURS, "standardwebhooks");
    figures[`signature ${size} × bare HMAC`] = computeRatio(checked, OURS, "bare createHmac");

    const verified = await compare(verifications, deliveries, plan);
    whole.cells.push(...verified.map((series) => toCell(series, size)));
    figures[`verify ${size} × standardwebhooks`] = computeRatio(verified, OURS, "standardwebhooks");
  }
  return { tables: [signature, whole], figures };
}

async function compare(
  contenders: Contenders,
  deliveries: readonly Delivery[],
  plan: Plan,
): Promise<Series[]> {
  const candidates = [];
  for (const [name, contender] of Object.entries(contenders)) {
    const runs = deliveries.map(contender);
    if ((await runs[0]?.()) === false) throw new Error(`${name} refuses a delivery that is right.`);
    candidates.push({ name, run: inTurn(runs) });
  }
  return interleave(candidates, plan);
}
