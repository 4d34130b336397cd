import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { answersSql } from "./answers-sql.js";
import {
  type TestServer,
  freePort,
  readVersion,
  runServer,
  temporaryFolder,
  unprivileged,
  until,
} from "./process.js";

/** Returns whether a PgBouncer can be started. */
export const hasPgBouncer = () => readVersion("pgbouncer") !== undefined;

/** Starts a PgBouncer in front of a PostgreSQL, in transaction pooling. */
export async function startPgBouncer(postgres: Pick<TestServer, "port">): Promise<TestServer> {
  const user = unprivileged("postgres", "nobody");
  const folder = temporaryFolder(user);
  const port = await freePort();
  const config = join(folder, "pgbouncer.ini");
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${postgres.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
`,
  );
  if (user.uid !== undefined && user.gid !== undefined) chownSync(config, user.uid, user.gid);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return runServer({
    command: "pgbouncer",
    args: [config],
    folder,
    port,
    url,
    user,
    ready: () => until(() => answersSql(url), "PgBouncer"),
  });
}
