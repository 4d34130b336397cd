export { runDrizzleTransaction } from "./drizzle-like.js";
export type { DrizzleLike, DrizzleSession } from "./drizzle-like.js";
export { guardEnded } from "./guard-ended.js";
export { runRawKysely } from "./kysely-like.js";
export type { KyselyLike, KyselyResult, KyselySession } from "./kysely-like.js";
export type { PrismaLike, PrismaSession, PrismaTransactionOptions } from "./prisma-like.js";
export type { TypeOrmLike, TypeOrmSession } from "./typeorm-like.js";
export { sqlStoreOptionNames } from "./store-option-names.js";
