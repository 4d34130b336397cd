import { parseArgs, styleText } from "node:util";

import { type AppProgram, appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";

import { type CrashResult, crash } from "./crash.js";
import { type Result, isCleanExit, playScenes, startApp } from "./demo.js";
import { type StorageSettings, inboxes, readStorageSettings } from "./storage-settings.js";

const names = appPrograms.map(({ name }) => name);
const defaultName = "express";
const defaultInbox = "sqlite";

const usage = `usage: npm run demo [-- options]

Starts an example app on a free port, delivers real signed events to it, and kills and restarts it amid a burst.
  --app NAME     the app to start: ${names.join(", ")} (default: ${defaultName})
  --all          start every app in turn
  --inbox NAME   keep deliveries in: ${inboxes.join(", ")} (default: ${defaultInbox})
                 on a server, the app only accepts, and a worker handles:
                 postgres and pg-boss need DATABASE_URL, bullmq needs REDIS_URL: of servers for tests, which keep what
                 the demo writes
  --keep         keep the app running afterwards, until Ctrl+C`;

try {
  const { values } = parseArgs({
    options: {
      app: { type: "string", default: defaultName },
      all: { type: "boolean", default: false },
      inbox: { type: "string", default: defaultInbox },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) console.log(usage);
  else {
    const settings = readStorageSettings(values.inbox, process.env);
    for (const app of values.all ? appPrograms : [findAppProgram(values.app)])
      await demo(app, settings, values.keep);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo(program: AppProgram, settings: StorageSettings, keep: boolean): Promise<void> {
  let app = await startApp(program, settings);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    app.program.signal("SIGTERM");
  };
  process.once("SIGINT", interrupt);
  try {
    const worker = settings.hasWorker ? ", and a worker handles what it accepts" : "";
    console.log(`\nThe example app on ${program.name} runs at ${app.url}${worker}\n`);
    console.log(row("sent", "status", "what the app did"));
    const allAsExpected = await playScenes(app, (result) => console.log(resultRow(result)));
    console.log(
      allAsExpected ? "\nEvery delivery went as expected." : "\nNot every delivery went as expected.",
    );
    if (!allAsExpected) process.exitCode = 1;
    const crashed = await crash(app);
    app = crashed.app;
    console.log(describeCrash(crashed.result, settings.hasWorker ? " of the worker" : ""));
    if (crashed.result.handledAfter < crashed.result.acknowledged) process.exitCode = 1;
    if (keep) {
      console.log(
        `\nThe app keeps running at ${app.url} with the secret ${app.secret}\nPress Ctrl+C to stop it.`,
      );
      await app.program.ended();
    }
  } finally {
    const status = await app.stop();
    process.off("SIGINT", interrupt);
    if (!isCleanExit(status, process.platform) && !interrupted) {
      console.error(`The app ended with status ${status}.\n${app.program.errors}`);
      process.exitCode = 1;
    }
  }
}

function describeCrash(
  { sent, acknowledged, handledBefore, handledAfter }: CrashResult,
  ofProcess: string,
): string {
  const lost = acknowledged - handledAfter;
  return `
SIGKILL${ofProcess} amid ${sent} bounces: the app had acknowledged ${acknowledged} of them, and handled ${handledBefore}.
After a restart it has handled ${lost === 0 ? `all ${acknowledged}: nothing was lost.` : `${handledAfter}: ${lost} are lost.`}`;
}

function resultRow({ scene, status, reaction, asExpected }: Result): string {
  const line = row(scene.sent, String(status), reaction);
  if (asExpected) return line;
  return `${line}\n${styleText("red", `  expected ${scene.status} and ${scene.reaction.source}`)}`;
}

function row(sent: string, status: string, reaction: string): string {
  return `  ${sent.padEnd(26)}${status.padEnd(8)}${reaction}`;
}
