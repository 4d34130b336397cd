import { expect, it } from "vitest";

import * as emulator from "../src/index.js";

it("exports exactly these public names", () => {
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
