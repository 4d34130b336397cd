import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../repo/presets/vitest.ts";

export default mergeConfig(testConfig, defineConfig({ test: { globalSetup: ["test/pack.ts"] } }));
