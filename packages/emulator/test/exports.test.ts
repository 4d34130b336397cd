import { expect, it } from "vitest";

import * as emulator from "../src/index.js";

it("has these public names and no others", () => {
  expect(Object.keys(emulator).toSorted()).toEqual([
    "EmulatorError",
    "checkEndpoint",
    "checkRules",
    "createEmulator",
    "diagnose",
    "faultKinds",
    "lifecycle",
    "lifecycles",
    "maxAttempts",
    "retryDelaySeconds",
    "seededRandom",
    "steppedClock",
  ]);
});
