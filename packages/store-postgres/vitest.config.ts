import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../../tools/repo/presets/vitest.ts";

export default mergeConfig(testConfig, defineConfig({ test: { globalSetup: ["test/shared-server.ts"] } }));
