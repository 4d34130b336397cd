import { defineConfig } from "vitest/config";

/** One test set-up for every package; the report is what `npm test` adds up. */
export const testConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"] },
    reporters: ["default", "json"],
    outputFile: { json: "test-report.json" },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
