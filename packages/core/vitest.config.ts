import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../../tools/repo/presets/vitest.ts";

/** They replace globals or change prototypes, as an app's libraries may, or measure the memory of their process. */
const alone = ["test/foreign.test.ts", "test/handling/memory.test.ts"];

export default mergeConfig(
  testConfig,
  defineConfig({
    test: {
      projects: [
        { test: { ...testConfig.test, name: "shared process", exclude: alone } },
        { test: { ...testConfig.test, name: "own process", include: alone, isolate: true } },
      ],
    },
  }),
);
