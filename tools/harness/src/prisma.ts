import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { createNewFiles } from "./new-files.js";

const require = createRequire(import.meta.url);
const PACKAGE = require.resolve("prisma/package.json");

/**
 * Generates a client of Prisma, without a network.
 *
 * @param output the folder of `client.ts`, which does not exist, and from which `@prisma/client` must be found
 * @param models the models of the schema
 */
export async function generatePrismaClient(
  output: string,
  models: string,
  provider: "mysql" | "postgresql" = "postgresql",
): Promise<void> {
  const datasource = `datasource db {\n  provider = "${provider}"\n}\n`;
  await mkdir(dirname(output), { recursive: true });
  await createNewFiles(output, {
    key: [readFileSync(PACKAGE, "utf8"), datasource, models],
    create: (path) => runGenerator(path, datasource + models),
  });
}

async function runGenerator(output: string, schemaWithoutGenerator: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "prisma-"));
  const generator = `generator client {\n  provider = "prisma-client"\n  output = ${JSON.stringify(output)}\n}\n`;
  try {
    const schema = join(folder, "schema.prisma");
    await writeFile(schema, generator + schemaWithoutGenerator);
    // It is not run to generate a client, but Prisma would download it.
    const engine = join(folder, "engine.sh");
    await writeFile(engine, "#!/bin/sh\n");
    await chmod(engine, 0o755);
    const settings = {
      PRISMA_SCHEMA_ENGINE_BINARY: engine,
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    };
    const program = join(dirname(PACKAGE), "build", "index.js");
    await promisify(execFile)(process.execPath, [program, "generate", "--schema", schema], {
      cwd: folder,
      env: { ...process.env, ...settings },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
