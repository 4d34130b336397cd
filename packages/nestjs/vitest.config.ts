import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../../tools/repo/presets/vitest.ts";

// The files share no state that a test changes, and loading the framework for each of them takes longer than the tests.
export default mergeConfig(testConfig, defineConfig({ test: { isolate: false } }));
