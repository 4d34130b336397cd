import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { packages, readmes, root, snippetsOf } from "./snippets.js";

const run = promisify(execFile);
const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
/** A project outside the workspace that has installed the tarballs, as a user would. */
let project: string;

/** Reports the port of every server that starts, and changes nothing else. */
const reportPort = `
const { Server } = require("node:net");
const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  this.once("listening", () => process.send(this.address().port));
  return listen.apply(this, args);
};`;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "ahasend-webhooks-consumer-"));
  const tarballs = join(project, "tarballs");
  await mkdir(tarballs);
  for (const name of packages)
    await run("pnpm", ["pack", "--pack-destination", tarballs], { cwd: join(root, "packages", name) });
  const nest = ["@nestjs/common", "@nestjs/core", "@nestjs/platform-express", "reflect-metadata", "rxjs"];
  const types = ["@types/express", "@types/koa", "@types/node", "@types/pg"];
  const pinned = await Promise.all(
    ["express", "koa", "fast-check", "ioredis", "pg", "redis", "typescript", ...nest, ...types].map(pin),
  );
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const files = (await readdir(tarballs)).map((file) => join(tarballs, file));
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...files, ...pinned], {
    cwd: project,
  });
  await writeFile(join(project, "report-port.cjs"), reportPort);
}, 120_000);

afterAll(() => rm(project, { recursive: true, force: true }));

/** What a Nest or Express project's tsc is usually told. */
const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  strict: true,
  esModuleInterop: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ["node"],
  rootDir: ".",
  outDir: "dist",
};

const nameOf = (readme: string) => readme.replaceAll(/[/.]/g, "-");

/** Compiles the first snippet of every README with the consumer's own TypeScript, to one kind of modules. */
async function compileSnippets(folder: string, type: "module" | "commonjs"): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type }));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  for (const readme of readmes) await writeFile(join(folder, `${nameOf(readme)}.ts`), snippetsOf(readme)[0]!);
  const tsc = join(project, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, "-p", folder]).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
}

/** Starts the first snippet of a README as it was compiled in a folder. */
function startFirstSnippet(readme: string, folder: string, port = 0): ChildProcess {
  const child = fork(join(folder, "dist", `${nameOf(readme)}.js`), {
    execArgv: ["--require", join(project, "report-port.cjs")],
    env: { PATH: process.env["PATH"], PORT: String(port), AHASEND_WEBHOOK_SECRET: secret },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill());
  return child;
}

describe.each([
  ["ESM", "module"],
  ["CommonJS", "commonjs"],
] as const)("a TypeScript project in %s that has installed the tarballs", (_format, type) => {
  let folder: string;
  beforeAll(async () => {
    folder = join(project, type);
    await compileSnippets(folder, type);
  }, 60_000);

  it.each([
    "README.md",
    "packages/express/README.md",
    "packages/koa/README.md",
    "packages/nestjs/README.md",
    "packages/core/README.md",
  ])("receives an event with the first snippet of %s", async (readme) => {
    const child = startFirstSnippet(readme, folder);
    const output = text(child.stdout!);
    const [port] = (await Promise.race([once(child, "message"), failed(child)])) as [number];
    const event = createEvent("message.bounced", { data: { recipient: "gone@customer.example" } });
    const { headers, body } = signDelivery({ secret, event });
    const url = `http://127.0.0.1:${port}/webhooks/ahasend`;
    const genuine = await fetch(url, { method: "POST", headers, body });
    const forged = await fetch(url, { method: "POST", headers, body: body.replace("gone@", "here@") });
    expect([genuine.status, forged.status, await forged.json()]).toEqual([
      204,
      401,
      { code: "invalid_signature" },
    ]);
    child.kill();
    expect(await output).toContain("do not write again to gone@customer.example");
  });

  it("tests its handlers with the first snippet of packages/testing/README.md", async () => {
    const child = startFirstSnippet("packages/testing/README.md", folder);
    const [output, errors] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    expect(errors).toBe("");
    expect(output).toBe("bounced: gone@customer.example\nstatus: 204\n");
  });

  it("delivers to an app with the first snippet of packages/emulator/README.md", async () => {
    const app = startFirstSnippet("packages/express/README.md", folder);
    const [port] = (await Promise.race([once(app, "message"), failed(app)])) as [number];
    const emulator = startFirstSnippet("packages/emulator/README.md", folder, port);
    const [output, errors] = await Promise.all([text(emulator.stdout!), text(emulator.stderr!)]);
    expect(errors).toBe("");
    expect(output).toBe("delivered, attempts: 1\n");
  });
});

it("packs nothing but what the manifest lists, the README and the licence", async () => {
  for (const name of packages) {
    const packed = await readdir(join(project, "node_modules", "@ahasend-webhooks", name));
    const manifest = await readFile(join(root, "packages", name, "package.json"), "utf8");
    const { files } = JSON.parse(manifest) as { files: string[] };
    expect(packed.toSorted()).toEqual(["LICENSE", "README.md", "package.json", ...files].toSorted());
  }
});

it("finds the program of the emulator", async () => {
  const { version } = JSON.parse(
    await readFile(join(root, "packages", "emulator", "package.json"), "utf8"),
  ) as { version: string };
  const program = join(project, "node_modules", ".bin", "ahasend-webhooks");
  expect((await run(program, ["--version"])).stdout).toBe(`${version}\n`);
});

it("shares one core between the ESM and the CommonJS copy's errors", async () => {
  const path = join(project, "both.mjs");
  await writeFile(
    path,
    `import { createRequire } from "node:module";
     import { isWebhookError } from "@ahasend-webhooks/core";
     const { WebhookError } = createRequire(import.meta.url)("@ahasend-webhooks/core");
     console.log(isWebhookError(new WebhookError("in_flight", "busy")));`,
  );
  expect((await run(process.execPath, [path])).stdout).toBe("true\n");
});

async function failed(child: ChildProcess): Promise<never> {
  const errors = text(child.stderr!);
  await once(child, "exit");
  throw new Error(`The snippet ended:\n${await errors}`);
}

/** A dependency at the version that the workspace tests with. */
async function pin(name: string): Promise<string> {
  const workspace = await readFile(join(root, "pnpm-workspace.yaml"), "utf8");
  return `${name}@${new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(workspace)![1]!}`;
}
