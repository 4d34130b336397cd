// The way from a fresh clone to a running task, with nothing but Node.js and npm:
// `npm run demo` and `npm test` both come through here.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bootstrap = join(root, "tools", "repo", "bootstrap");

const usage = `usage: node tools/repo/dev.mjs <task>

  demo    build everything, start an example app and deliver real signed events to it (--help for its options)
  test    build, type-check, run every test, lint every package
  setup   install only`;

const tasks = { demo, test, setup: () => 0 };

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js ${process.versions.node} is too old: install Node.js 20.19 or newer.`);
}

const [task = "--help", ...args] = process.argv.slice(2);
if (task === "--help" || task === "-h") {
  console.log(usage);
  process.exit(0);
}
if (!Object.hasOwn(tasks, task)) fail(`unknown task "${task}"\n\n${usage}`);

const pnpm = installPnpm();
// pnpm asks the registry about the lockfile, for minutes when it cannot be reached: not needed for what is installed.
if (!isInstalled()) run(pnpm, ["install", "--frozen-lockfile", "--prefer-offline"]);
process.exitCode = tasks[task](args);

function demo(args) {
  run(pnpm, ["exec", "turbo", "run", "build", "--output-logs=errors-only"]);
  return status(process.execPath, [join(root, "tools", "demo", "dist", "main.js"), ...args]);
}

function test(args) {
  for (const report of reports()) rmSync(report);
  const turbo = ["exec", "turbo", "run", "build", "typecheck", "test", "lint:package", "--continue"];
  const { FUZZ_SECONDS: seconds } = process.env;
  const steps = [
    [...turbo, "--output-logs=new-only", ...args],
    ...(seconds ? [["run", "fuzz", "--seconds", seconds]] : []),
    ["run", "lint"],
  ];
  const broken = steps.filter((step) => status(pnpm, step) !== 0);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const path of reports()) {
    const report = JSON.parse(readFileSync(path, "utf8"));
    sum.passed += report.numPassedTests;
    sum.failed += report.numFailedTests;
    sum.skipped += report.numPendingTests + report.numTodoTests;
    for (const line of failures(report)) console.log(line);
  }
  // A package that did not build, type-check or lint has no failed test, but it is no success either.
  if (sum.failed === 0 && broken.length > 0) {
    sum.failed = 1;
    console.log(`failed: pnpm ${broken[0].join(" ")}: see above`);
  }
  console.log(`tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return sum.failed === 0 ? 0 : 1;
}

/** The test reports that the packages' test runs have left behind. */
function reports() {
  return ["packages", "apps", "tools"]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .map((folder) => join(folder, "test-report.json"))
    .filter((path) => existsSync(path));
}

/** A line for each test that failed, and one for each file that could not run: the last thing printed is what to fix. */
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

/** Brings the pinned pnpm if it is not there yet, puts it first on PATH and returns its path. */
function installPnpm() {
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
    run("npm", ["ci", ...flags], { cwd: bootstrap, shell: windows });
  }
  if (!existsSync(binary)) {
    fail(
      `pnpm has no binary for ${process.platform}-${process.arch}: install pnpm 12 yourself, see CONTRIBUTING.md.`,
    );
  }
  process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
  return binary;
}

/** Returns whether the last complete installation was made from this very lockfile. */
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

/** Runs a command to its end and returns its exit status. */
function status(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) fail(`cannot run ${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs a command that everything after it needs. */
function run(command, args, options) {
  const code = status(command, args, options);
  if (code !== 0) fail(`"${[command, ...args].join(" ")}" ended with status ${code}.`, code);
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
