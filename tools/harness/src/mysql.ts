import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import mysql from "mysql2/promise";

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
  server: string;
  installDb: string;
}

/** Small files, because every file of tests starts a server. */
const SMALL = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"];

/** Waits for no disk: a kill loses nothing, only a loss of power would. */
const RELAXED = ["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--skip-sync-frm"];

function findBinaries(): Binaries | undefined {
  const server = findProgram("mariadbd");
  const installDb = findProgram("mariadb-install-db");
  return server === undefined || installDb === undefined ? undefined : { server, installDb };
}

/** Servers are in a folder that is not in the PATH of every user. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Returns whether a MariaDB can be started. */
export const hasMysql = () => findBinaries() !== undefined;

/** Starts a MariaDB whose user `root` needs no password, with a database `test`. */
export async function startMysql({ durable = false }: ServerOptions = {}): Promise<TestServer> {
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error("MariaDB is not installed: install mariadb-server.");
  const user = unprivileged("mysql", "nobody");
  const folder = temporaryFolder(user, durable ? undefined : volatileFolder());
  const data = join(folder, "data");
  const installArgs = [
    "--no-defaults",
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    ...SMALL,
  ];
  await createNewFiles(data, {
    key: [readVersion(binaries.server), installArgs, user],
    create: (path) =>
      promisify(execFile)(binaries.installDb, [...installArgs, `--datadir=${path}`], {
        ...user,
        cwd: folder,
      }),
  });
  const port = await freePort();
  const server = `mysql://root@127.0.0.1:${port}`;
  return runServer({
    command: binaries.server,
    args: [
      "--no-defaults",
      `--datadir=${data}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(folder, "socket")}`,
      `--pid-file=${join(folder, "pid")}`,
      "--skip-name-resolve",
      "--max-connections=200",
      ...SMALL,
      ...(durable ? [] : RELAXED),
    ],
    folder,
    port,
    url: `${server}/test`,
    user: { ...user, cwd: folder },
    ready: () => until(() => runSql(server, "CREATE DATABASE IF NOT EXISTS test"), "MariaDB"),
  });
}

/** Creates an empty database on a server and returns its URL. */
export async function createMysqlDatabase(server: TestServer, name: string): Promise<string> {
  await runSql(server.url, `CREATE DATABASE ${mysql.escapeId(name)}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

async function runSql(uri: string, sql: string): Promise<void> {
  const connection = await mysql.createConnection({ uri });
  try {
    await connection.query(sql);
  } finally {
    connection.destroy();
  }
}
