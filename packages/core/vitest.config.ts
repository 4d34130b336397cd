import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../../tools/repo/presets/vitest.ts";

// Some tests replace globals or change prototypes, as an app's libraries may.
export default mergeConfig(testConfig, defineConfig({ test: { isolate: true } }));
