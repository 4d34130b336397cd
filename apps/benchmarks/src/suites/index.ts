import type { Plan } from "../measure.js";
import type { SuiteResult } from "../result.js";
import { httpSuite } from "./http.js";
import { memorySuite } from "./memory.js";
import { receiveSuite } from "./receive.js";
import { sizeSuite } from "./size.js";
import { streamSuite } from "./stream.js";
import { verifySuite } from "./verify.js";

/** A group of measurements. */
export interface Suite {
  run: (plan: Plan) => Promise<SuiteResult>;
  /** Whether it needs nothing but this process, so that its ratios hold on a busy machine, too. */
  micro?: true;
}

/** All suites, in the order of the report. */
export const suites: Readonly<Record<string, Suite>> = {
  verify: { run: verifySuite, micro: true },
  receive: { run: receiveSuite, micro: true },
  http: { run: httpSuite },
  stream: { run: streamSuite },
  memory: { run: memorySuite },
  size: { run: sizeSuite },
};
