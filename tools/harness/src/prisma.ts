import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/**
 * Generates a client of Prisma for PostgreSQL, without a network.
 *
 * @param folder is created; a file in it imports `@prisma/client` as its neighbours do
 * @param models the models of the schema
 * @returns the path of the module that exports `PrismaClient`
 */
export async function generatePrismaClient(folder: string, models: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const schema = join(folder, "schema.prisma");
  await writeFile(
    schema,
    `generator client {
  provider = "prisma-client"
  output   = "./client"
}
datasource db {
  provider = "postgresql"
}
${models}`,
  );
  // Generating does not run the engine, but Prisma would download it.
  const engine = join(folder, "engine.sh");
  await writeFile(engine, "#!/bin/sh\n");
  await chmod(engine, 0o755);
  const require = createRequire(import.meta.url);
  const program = join(dirname(require.resolve("prisma/package.json")), "build", "index.js");
  await promisify(execFile)(process.execPath, [program, "generate", "--schema", schema], {
    cwd: folder,
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: engine,
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    },
  });
  return join(folder, "client", "client.ts");
}
