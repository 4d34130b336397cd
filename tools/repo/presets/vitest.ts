import { defineConfig } from "vitest/config";

/**
 * The test configuration of every package. `npm test` adds up the reports.
 * Type tests (`*.test-d.ts`) are compiled by `pnpm run lint`; tools/package-tests counts them.
 */
export const testConfig = defineConfig({
  test: {
    // Those of full size are played by `pnpm chaos --copies`.
    include: process.env["COPIES"] === "yes" ? ["test/**/*.copies.ts"] : ["test/**/*.test.ts"],
    reporters: ["default", "json"],
    outputFile: { json: "test-report.json" },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Loading the code again for each file takes longer than most tests. A suite whose tests replace globals sets it to true.
    isolate: false,
  },
});
