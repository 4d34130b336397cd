import { it } from "vitest";

import { expectFailures } from "./check-careless.js";
import { carelessVerifiers } from "./receivers/careless-verifiers.js";

// Concurrently: most of the time they wait.
it.concurrent.for(carelessVerifiers)(
  "fails a receiver that $fault, and names the fix",
  { timeout: 90_000 },
  expectFailures,
);
