import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../../tools/repo/presets/vitest.ts";

// The longest suite of all, and one that mostly waits for its programs and browsers: one worker would leave a core idle.
export default mergeConfig(testConfig, defineConfig({ test: { maxWorkers: 2 } }));
