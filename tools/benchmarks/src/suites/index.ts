import type { Plan } from "../measure/interleave.js";
import type { SuiteResult } from "../report/result.js";
import { httpSuite } from "./http.js";
import { memoryStoreSuite } from "./memory-store.js";
import { memorySuite } from "./memory.js";
import { profileSuite } from "./profile.js";
import { receiveSuite } from "./receive.js";
import { scalingSuite } from "./scaling.js";
import { sizeSuite } from "./size.js";
import { storesSuite } from "./stores.js";
import { streamSuite } from "./stream.js";
import { verifySuite } from "./verify.js";

/** A group of measurements. */
export interface Suite {
  run: (plan: Plan) => Promise<SuiteResult>;
  /** Whether it needs nothing but this process, so that its ratios hold on a busy machine, too: for `--check`. */
  micro?: true;
  /** Whether it is short enough for `--quick`. */
  quick?: true;
}

/** All suites, in the order of the report. */
export const suites: Readonly<Record<string, Suite>> = {
  verify: { run: verifySuite, micro: true, quick: true },
  receive: { run: receiveSuite, micro: true, quick: true },
  "memory-store": { run: memoryStoreSuite, micro: true, quick: true },
  http: { run: httpSuite, quick: true },
  profile: { run: profileSuite },
  stream: { run: streamSuite, quick: true },
  memory: { run: memorySuite },
  stores: { run: storesSuite },
  scaling: { run: scalingSuite },
  size: { run: sizeSuite },
};
