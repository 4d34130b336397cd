import fc from "fast-check";
import { describe, it } from "vitest";

import { inboxModel } from "../src/inbox-model.js";
import { inboxCases } from "../src/index.js";
import { type Rows, memoryInbox } from "./memory-inbox.js";

function createSubject() {
  const rows: Rows = new Map();
  return {
    open: (options: Parameters<typeof memoryInbox>[1]) => memoryInbox(rows, options),
    expireLeases: () => {
      for (const row of rows.values()) if (row.state === "active") row.state = "waiting";
    },
  };
}

describe("the contract of an inbox", () => {
  it.each(inboxCases)("can be met: $name", ({ run }) => run(createSubject()));

  it("can be met in any sequence of arrivals and failures", () =>
    fc.assert(inboxModel(createSubject), { numRuns: 50 }));
});
