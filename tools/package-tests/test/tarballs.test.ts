import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

import { required } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { packages, root } from "@ahasend-webhooks/harness/workspace";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";

import { documents, snippetsOf } from "./snippets.js";
import manifestOfTypescript from "typescript-7/package.json" with { type: "json" };

const run = promisify(execFile);
const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
/** Not in the workspace: jsdom's types would change what every package compiles to. */
const jest = ["jest@30.5.2", "jest-environment-jsdom@30.5.2"];
/** The newest release. built.test.ts compiles with older ones. */
const typescript = `typescript@${manifestOfTypescript.version}`;
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

const hasRegistry = required("the npm registry", await reachesRegistry());

beforeAll(async () => {
  if (!hasRegistry) return;
  project = await mkdtemp(join(tmpdir(), "ahasend-webhooks-consumer-"));
  const nest = ["@nestjs/common", "@nestjs/core", "@nestjs/platform-express", "reflect-metadata", "rxjs"];
  const drivers = ["ioredis", "libsql", "mysql2", "pg", "redis"];
  const types = ["@types/express", "@types/koa", "@types/node", "@types/pg", "@types/supertest"];
  const pinned = await Promise.all(
    ["express", "koa", "fast-check", "supertest", ...drivers, ...nest, ...types].map(pin),
  );
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const tarballs = Object.entries(inject("tarballs"));
  // The packages depend on each other by version, and no registry has these versions.
  const overrides = tarballs.map(([name, path]) => `  "@ahasend-webhooks/${name}": "file:${path}"`);
  const settings = ["nodeLinker: hoisted", "overrides:", ...overrides];
  await writeFile(join(project, "pnpm-workspace.yaml"), settings.join("\n"));
  // pnpm, because npm needs ten times as long with everything in its cache.
  const dependencies = [...tarballs.map(([, path]) => path), ...pinned, typescript, ...jest];
  await run("pnpm", ["add", "--prefer-offline", "--ignore-scripts", ...dependencies], { cwd: project });
  await writeFile(join(project, "report-port.cjs"), reportPort);
}, 180_000);

afterAll(async () => {
  if (hasRegistry) await rm(project, { recursive: true, force: true });
});

/** The usual options of tsc in a Nest or Express project. */
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

const nameOf = (document: string) => document.replaceAll(/[/.]/g, "-");

/** The documents whose first snippet is a program: not a test, whose runner the consumer would have to install. */
const programs = documents.filter((document) => {
  const [first] = snippetsOf(document);
  return first !== undefined && !first.includes('from "vitest"');
});

/** Compiles the first snippet of every document with the consumer's own TypeScript, to one kind of modules. */
async function compileSnippets(folder: string, type: "module" | "commonjs"): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type }));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  for (const path of programs) await writeFile(join(folder, `${nameOf(path)}.ts`), snippetsOf(path)[0]!);
  await compileWithTsc(folder);
}

async function compileWithTsc(folder: string): Promise<void> {
  const tsc = join(project, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, "-p", folder]).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
}

/** Starts the first snippet of a document as it was compiled in a folder. */
function startFirstSnippet(document: string, folder: string, port = 0): ChildProcess {
  const child = fork(join(folder, "dist", `${nameOf(document)}.js`), {
    execArgv: ["--require", join(project, "report-port.cjs")],
    env: { PATH: process.env["PATH"], PORT: String(port), AHASEND_WEBHOOK_SECRET: secret },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill());
  return child;
}

describe.skipIf(!hasRegistry).each([
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

  it("delivers to an app with the first snippet of packages/emulator/docs/emulator.md", async () => {
    const app = startFirstSnippet("packages/express/README.md", folder);
    const [port] = (await Promise.race([once(app, "message"), failed(app)])) as [number];
    const emulator = startFirstSnippet("packages/emulator/docs/emulator.md", folder, port);
    const [output, errors] = await Promise.all([text(emulator.stdout!), text(emulator.stderr!)]);
    expect(errors).toBe("");
    expect(output).toBe("delivered, attempts: 1\n");
  });
});

describe.skipIf(!hasRegistry)("a project in CommonJS that tests with Jest", () => {
  let folder: string;

  beforeAll(async () => {
    folder = join(project, "jest");
    await mkdir(folder);
    const declared = /^(?:\/\*\*.*\*\/\n)?declare function createApp.*$/m;
    const pages = ["packages/emulator/README.md", "packages/emulator/docs/testing.md"];
    const [connected, withSupertest] = pages.map((page) =>
      snippetsOf(page)[0]!
        .replace('"vitest"', '"@jest/globals"')
        .replace(declared, 'import { createApp } from "./app.js";'),
    );
    const [events] = snippetsOf("packages/testing/README.md");
    const handles = `
import { expect, it } from "@jest/globals";
it("handles what the snippet has signed", async () => {
  expect(await receiver.receive({ headers, body })).toMatchObject({ status: 204 });
});`;
    const sources = {
      "app.ts": `
import express from "express";
import { type Handlers, ahaSendWebhooks } from "@ahasend-webhooks/express";
export function createApp({ webhookSecret }: { webhookSecret: string }) {
  const gone = new Set<string>();
  const app = express();
  const on: Handlers = {
    "message.bounced": ({ data }) => void gone.add(data.recipient),
    "*": () => undefined,
  };
  app.post("/webhooks/ahasend", ahaSendWebhooks({ secret: webhookSecret, on, onOutcome: () => undefined }));
  app.get("/suppressions/:address", (request, response) => {
    response.sendStatus(gone.has(request.params.address) ? 200 : 404);
  });
  return app;
}`,
      "connected.test.ts": connected!,
      "supertest.test.ts": withSupertest!,
      "events.test.ts": events! + handles,
      "package.json": JSON.stringify({ type: "commonjs", jest: { transform: {} } }),
      "tsconfig.json": JSON.stringify({ compilerOptions }),
    };
    for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
    await compileWithTsc(folder);
  }, 60_000);

  it.each([
    ["node", ["connected", "supertest", "events"]],
    // No supertest: it needs setImmediate, which jsdom does not have.
    ["jsdom", ["connected", "events"]],
  ])(
    "runs the snippets of the READMEs in the environment %s",
    async (environment, names) => {
      const program = join(project, "node_modules", "jest", "bin", "jest.js");
      const tests = names.map((name) => `dist/${name}.test.js`);
      const args = [
        program,
        "--rootDir",
        folder,
        "--env",
        environment,
        "--json",
        "--runInBand",
        "--runTestsByPath",
        ...tests,
      ];
      const { stdout } = await run(process.execPath, args, { cwd: folder }).catch(
        (error: { stdout: string; stderr: string }) => {
          throw new Error(error.stderr);
        },
      );
      expect(JSON.parse(stdout)).toMatchObject({
        success: true,
        numPassedTestSuites: names.length,
        numPassedTests: names.length + 2,
      });
    },
    60_000,
  );
});

it.skipIf(!hasRegistry)("packs nothing but what the manifest lists, the README and the licence", async () => {
  for (const name of packages) {
    const packed = await readdir(join(project, "node_modules", "@ahasend-webhooks", name));
    const manifest = await readFile(join(root, "packages", name, "package.json"), "utf8");
    const { files } = JSON.parse(manifest) as { files: string[] };
    expect(packed.toSorted()).toEqual(["LICENSE", "README.md", "package.json", ...files].toSorted());
  }
});

it.skipIf(!hasRegistry)("finds the program of the emulator", async () => {
  const { version } = JSON.parse(
    await readFile(join(root, "packages", "emulator", "package.json"), "utf8"),
  ) as { version: string };
  const program = join(project, "node_modules", ".bin", "ahasend-webhooks");
  expect((await run(program, ["--version"])).stdout).toBe(`${version}\n`);
});

it.skipIf(!hasRegistry)("finds the page of the emulator", async () => {
  const program = join(project, "node_modules", "@ahasend-webhooks", "emulator", "dist", "cli", "main.js");
  const child = fork(program, ["dev", "--port", "0", "--json"], { silent: true });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await Promise.race([once(child.stdout!, "data"), failed(child)])) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const html = await (await fetch(url)).text();
  const [, script] = /src="([^"]+)"/.exec(html)!;
  expect((await fetch(new URL(script!, url))).status).toBe(200);
});

it.skipIf(!hasRegistry)("shares one core between the ESM and the CommonJS copy's errors", async () => {
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
  const manifest = await readFile(join(root, "tools", "package-tests", "package.json"), "utf8");
  const inCatalog = new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(workspace)?.[1];
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  return `${name}@${inCatalog ?? dependencies[name]!}`;
}

/** Returns whether the registry answers: without it, an installation fails only after minutes. */
async function reachesRegistry(): Promise<boolean> {
  const quickly = ["--fetch-retries=0", "--fetch-timeout=10000", "--prefer-online"];
  return run("npm", ["view", "jest", "name", ...quickly]).then(
    () => true,
    () => false,
  );
}
