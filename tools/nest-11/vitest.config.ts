import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { defineConfig, mergeConfig } from "vitest/config";

import { testConfig } from "../repo/presets/vitest.ts";

const { resolve } = createRequire(import.meta.url);
const { version } = createRequire(import.meta.url)("@nestjs/core/package.json") as { version: string };
if (!version.startsWith("11."))
  throw new Error(`Expected Nest 11 in tools/nest-11, got ${version}: run pnpm install.`);

const nest = [
  "common",
  "core",
  "microservices",
  "platform-express",
  "platform-fastify",
  "testing",
  "throttler",
];
const packages = [...nest.map((name) => `@nestjs/${name}`), "@mikro-orm/nestjs"];

/** Runs the tests of packages/nestjs with the version of Nest that is installed in this folder. */
export default mergeConfig(
  testConfig,
  defineConfig({
    root: fileURLToPath(new URL("../../packages/nestjs", import.meta.url)),
    resolve: {
      alias: packages.map((name) => ({
        find: name,
        replacement: resolve(name),
      })),
    },
    test: {
      outputFile: { json: fileURLToPath(new URL("test-report.json", import.meta.url)) },
    },
  }),
);
