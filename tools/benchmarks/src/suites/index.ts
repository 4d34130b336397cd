import type { Plan } from "../measure/interleave.js";
import type { SuiteResult } from "../report/result.js";
import { httpSuite } from "./http.js";
import { inboxesSuite } from "./inboxes.js";
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
  /** `--check` runs it, because it needs only this process, so that its ratios also hold on a busy machine. */
  isCheckable?: true;
  /** `--quick` runs it. */
  isQuick?: true;
}

/** All suites, in the order of the report. */
export const suites: Readonly<Record<string, Suite>> = {
  verify: { run: verifySuite, isCheckable: true, isQuick: true },
  receive: { run: receiveSuite, isCheckable: true, isQuick: true },
  "memory-store": { run: memoryStoreSuite, isCheckable: true, isQuick: true },
  http: { run: httpSuite, isQuick: true },
  profile: { run: profileSuite },
  stream: { run: streamSuite, isQuick: true },
  memory: { run: memorySuite },
  stores: { run: storesSuite },
  inboxes: { run: inboxesSuite },
  scaling: { run: scalingSuite },
  size: { run: sizeSuite },
};
