import { it } from "vitest";

import { expectFailures, failsLargest } from "./check-careless.js";
import { carelessHandlers } from "./receivers/careless-handlers.js";

// Concurrently: most of the time they wait.
it.concurrent.for(carelessHandlers.filter((careless) => !failsLargest(careless)))(
  "fails a receiver that $fault, and names the fix",
  { timeout: 90_000 },
  expectFailures,
);

// One at a time: the largest bodies keep the machine busy.
it.for(carelessHandlers.filter(failsLargest))(
  "fails a receiver that $fault, and names the fix",
  { timeout: 90_000 },
  expectFailures,
);
