import { parseArgs, styleText } from "node:util";

import { type App, apps } from "./apps.js";
import { type Result, endedWell, playScenes, startApp } from "./demo.js";

const names = apps.map(({ name }) => name);
const defaultName = "express";

const usage = `usage: npm run demo [-- options]

Starts an example app on a free port and delivers real signed events to it.
  --app NAME   which one: ${names.join(", ")} (default: ${defaultName})
  --all        each of them in turn
  --keep       leave the app running afterwards, until Ctrl+C`;

try {
  const { values } = parseArgs({
    options: {
      app: { type: "string", default: defaultName },
      all: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) console.log(usage);
  else for (const app of chosen(values)) await demo(app, values.keep);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function chosen({ app, all }: { app: string; all: boolean }): readonly App[] {
  if (all) return apps;
  const found = apps.filter(({ name }) => name === app);
  if (found.length === 0) throw new Error(`There is no app "${app}": use one of ${names.join(", ")}.`);
  return found;
}

async function demo({ name, ...how }: App, keep: boolean): Promise<void> {
  const app = await startApp({ name, ...how });
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    app.program.signal("SIGTERM");
  };
  process.once("SIGINT", interrupt);
  try {
    console.log(`\nThe example app on ${name} runs at ${app.url}\n`);
    console.log(row("sent", "status", "what the app did"));
    const allAsExpected = await playScenes(app, (result) => console.log(resultRow(result)));
    console.log(allAsExpected ? "\nEvery delivery went as expected." : "\nNot everything went as expected.");
    if (!allAsExpected) process.exitCode = 1;
    if (keep) {
      console.log(`\nThe app goes on at ${app.url} with the secret ${app.secret}\nPress Ctrl+C to stop it.`);
      await app.program.ended();
    }
  } finally {
    const status = await app.stop();
    process.off("SIGINT", interrupt);
    if (!endedWell(status, process.platform) && !interrupted) {
      console.error(`The app ended with status ${status}.\n${app.program.errors}`);
      process.exitCode = 1;
    }
  }
}

function resultRow({ scene, status, did, asExpected }: Result): string {
  const line = row(scene.sent, String(status), did);
  if (asExpected) return line;
  return `${line}\n${styleText("red", `  expected ${scene.status} and ${scene.did.source}`)}`;
}

function row(sent: string, status: string, did: string): string {
  return `  ${sent.padEnd(26)}${status.padEnd(8)}${did}`;
}
