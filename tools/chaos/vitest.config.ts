import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../repo/presets/vitest.ts";

// Most scenarios wait most of the time: for a lease to end, a server to come back, a handler that overruns.
export default mergeConfig(testConfig, defineConfig({ test: { maxConcurrency: 3 } }));
