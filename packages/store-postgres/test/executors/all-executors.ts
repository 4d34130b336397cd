import type { ExecutorUnderTest } from "./executor-under-test.js";
import { openMikroOrm, openPrisma, openSequelize, openTypeOrm } from "./orms.js";
import {
  openDrizzle,
  openDrizzleOnPostgresJs,
  openKnex,
  openKysely,
  openPostgresJs,
} from "./query-builders.js";

/** Opens an executor on the database of a URL. PgBouncer in transaction pooling mode needs `prepare: false`. */
type OpenExecutor = (url: string, prepare?: boolean) => ExecutorUnderTest | Promise<ExecutorUnderTest>;

/** Every executor, by name. */
export const executors: Record<string, OpenExecutor> = {
  fromDrizzle: openDrizzle,
  "fromDrizzle on postgres.js": openDrizzleOnPostgresJs,
  fromKnex: openKnex,
  fromKysely: openKysely,
  fromMikroOrm: openMikroOrm,
  fromPostgresJs: openPostgresJs,
  fromPrisma: openPrisma,
  fromSequelize: openSequelize,
  fromTypeOrm: openTypeOrm,
};

/** On a broken connection, postgres.js ends the process (porsager/postgres#1208), and Drizzle cannot keep it from that. */
export const surviveBrokenConnections = (name: string) => !name.endsWith("on postgres.js");
