import { join } from "node:path";

import { generatePrismaClient } from "@ahasend-webhooks/harness/prisma";

const MODELS = `
model Suppression {
  address String @id
  @@map("suppressions")
}
model Customer {
  address String @id
  bounces Int
  @@map("customers")
}
`;

/** Generates the client that the snippets import, beside them. */
export async function generateClientOfSnippets(
  folder: string,
  provider?: "mysql" | "postgresql",
): Promise<void> {
  await generatePrismaClient(join(folder, "generated", "prisma"), MODELS, provider);
}
