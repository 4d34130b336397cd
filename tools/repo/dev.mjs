// From a fresh clone to a running task with nothing but Node.js and npm. `npm run demo` and `npm test` run this program.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bootstrap = join(root, "tools", "repo", "bootstrap");

const usage = `usage: node tools/repo/dev.mjs <task> [options]

  demo    Install, build an example app, start it and deliver signed events to it: npm run demo
          Options: "npm run demo -- --help" lists them.
  test    Install, build, run every test, lint and check types: npm test
          Options are those of turbo: "npm test -- --filter=@ahasend-webhooks/core" tests one package.
          With FUZZ_SECONDS=60 in the environment, a minute of fuzzing follows.
  setup   Install only.`;

const tasks = { demo, test, setup: () => 0 };

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js ${process.versions.node} is too old: install Node.js 20.19 or newer.`);
}

const [task = "--help", ...args] = process.argv.slice(2);
const asksForHelp = (arg) => arg === "--help" || arg === "-h";
if (asksForHelp(task) || (task !== "demo" && args.some(asksForHelp))) {
  console.log(usage);
  process.exit(0);
}
if (!Object.hasOwn(tasks, task))
  fail(`"${task}" is not a task: use ${Object.keys(tasks).join(", ")}.\n\n${usage}`);

/** The command that runs now. */
let child;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = true;
    // The terminal sends Ctrl+C to the command as well. A second one would end it before it has stopped its servers.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child?.kill(signal);
  });
}

const pnpm = await installPnpm();
// Without a registry, pnpm spends minutes on verifying a lockfile whose packages are all installed.
if (!isInstalled()) await run(pnpm, ["install", "--frozen-lockfile", "--prefer-offline"]);
process.exitCode = await tasks[task](args);

async function demo(args) {
  const folders = [...demoApps(args).map((app) => `--filter={./apps/${app}}...`), "--filter=./tools/demo"];
  await run(pnpm, ["exec", "turbo", "run", "build", "--output-logs=errors-only", ...folders]);
  return status(process.execPath, [join(root, "tools", "demo", "dist", "main.js"), ...args]);
}

/** Returns the folders of the apps that the demo will start. It reports itself what is wrong with its options. */
function demoApps(args) {
  const apps = folders("apps");
  if (args.some(asksForHelp)) return [];
  if (args.includes("--all")) return apps;
  const index = args.findIndex((arg) => /^--app(=|$)/.test(arg));
  const name = index === -1 ? "express" : (args[index].split("=")[1] ?? args[index + 1] ?? "");
  // nestjs-fastify is the app in apps/nestjs with another setting.
  return apps.filter((app) => name === app || name.startsWith(`${app}-`));
}

async function test(args) {
  // The linter, TypeScript 7 and esbuild are Go programs: with more garbage between collections they take a sixth less time.
  process.env.GOGC ??= "400";
  for (const report of reports()) rmSync(report);
  const { FUZZ_SECONDS: seconds } = process.env;
  const turbo = ["exec", "turbo", "run", "build", "test", "lint:package", "lint", "--continue"];
  const steps = [
    [...turbo, "--output-logs=new-only", ...args],
    // Not beside the tests: on a busy machine its clients are slower than the servers' time limits.
    ...(seconds ? [["run", "fuzz", "--seconds", seconds]] : []),
  ];
  const broken = [];
  for (const step of steps) if ((await status(pnpm, step)) !== 0) broken.push(step);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const path of reports()) {
    const report = JSON.parse(readFileSync(path, "utf8"));
    sum.passed += report.numPassedTests;
    sum.failed += report.numFailedTests;
    sum.skipped += report.numPendingTests + report.numTodoTests;
    for (const line of failures(report)) console.log(line);
  }
  // A package that does not build, has wrong types or fails a lint rule has no failed test.
  if (sum.failed === 0 && broken.length > 0) {
    sum.failed = 1;
    console.log(`failed: pnpm ${broken[0].join(" ")}: see above`);
  }
  console.log(`tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return sum.failed === 0 ? 0 : 1;
}

/** Returns the paths of the reports that the packages' tests have written. */
function reports() {
  return ["packages", "apps", "tools"]
    .flatMap((group) => folders(group).map((name) => join(root, group, name, "test-report.json")))
    .filter((path) => existsSync(path));
}

/** Returns the names of the workspace's folders in packages, apps or tools. */
function folders(group) {
  return readdirSync(join(root, group)).filter((name) => existsSync(join(root, group, name, "package.json")));
}

/** Returns a line for each failed test, and one for each file that could not run. They are printed last, where they are seen. */
function failures({ testResults }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`failed: ${file}: ${firstLine(message)}`] : [];
    return failed.map(
      (test) => `failed: ${file}: ${test.fullName}: ${firstLine(test.failureMessages.join())}`,
    );
  });
}

function firstLine(text) {
  return text.split("\n", 1)[0];
}

/** Installs the pinned pnpm if it is missing, puts it first on PATH and returns its path. */
async function installPnpm() {
  const windows = process.platform === "win32";
  const musl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  const folder = join(
    bootstrap,
    "node_modules",
    "@pnpm",
    `exe.${process.platform}-${process.arch}${musl ? "-musl" : ""}`,
  );
  const binary = join(folder, windows ? "pnpm.exe" : "pnpm");
  if (!existsSync(binary) || installedVersion(folder) !== pinnedVersion()) {
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["ci", ...flags], { cwd: bootstrap, shell: windows });
  }
  if (!existsSync(binary)) {
    fail(
      `pnpm has no binary for ${process.platform}-${process.arch}: install pnpm 12 yourself, as CONTRIBUTING.md says, and run "pnpm install" and "pnpm turbo run build test".`,
    );
  }
  process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
  return binary;
}

/** Returns whether the last complete installation was made from the current lockfile. */
function isInstalled() {
  const installed = join(root, "node_modules", ".pnpm", "lock.yaml");
  const wanted = join(root, "pnpm-lock.yaml");
  return existsSync(installed) && readFileSync(installed).equals(readFileSync(wanted));
}

function installedVersion(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

function pinnedVersion() {
  return JSON.parse(readFileSync(join(bootstrap, "package.json"), "utf8")).dependencies.pnpm;
}

/** Runs a command and returns its exit status. Exits if somebody interrupted it. */
async function status(command, args, options = {}) {
  const code = await new Promise((resolve) => {
    child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    child.on("error", (error) =>
      fail(`${command} does not start: ${error.message}. Install it or add it to PATH.`),
    );
    child.on("close", (status) => resolve(status ?? 1));
  });
  child = undefined;
  if (interrupted) process.exit(130);
  return code;
}

/** Runs a command that everything after it needs. */
async function run(command, args, options) {
  const code = await status(command, args, options);
  if (code === 0) return;
  fail(
    `"${[command, ...args].join(" ")}" failed with status ${code}: fix what it reports above and run this again.`,
    code,
  );
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
