import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../../tools/repo/presets/vitest.ts";

export default mergeConfig(
  testConfig,
  defineConfig({
    test: {
      // The longest suite of all, and one that mostly waits for its programs and browsers: one worker would leave a core idle.
      maxWorkers: 2,
      // The page draws when the browser gets to it.
      expect: { poll: { timeout: 20_000 } },
    },
  }),
);
