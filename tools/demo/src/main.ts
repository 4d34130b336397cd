import { parseArgs, styleText } from "node:util";

import { type Result, playScenes, startApp } from "./demo.js";

const usage = `usage: npm run demo [-- --keep]

Starts the example app on a free port and delivers real signed events to it.
  --keep   leave the app running afterwards, until Ctrl+C`;

try {
  const { keep, help } = parseArgs({
    options: { keep: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  }).values;
  if (help === true) console.log(usage);
  else await demo(keep === true);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo(keep: boolean): Promise<void> {
  const app = await startApp();
  let interrupted = false;
  process.once("SIGINT", () => {
    interrupted = true;
    app.program.signal("SIGTERM");
  });
  try {
    console.log(`\nThe example app runs at ${app.url}\n`);
    console.log(row("sent", "status", "what the app did"));
    const allAsExpected = await playScenes(app, (result) => console.log(resultRow(result)));
    console.log(allAsExpected ? "\nEvery delivery went as expected." : "\nNot everything went as expected.");
    process.exitCode = allAsExpected ? 0 : 1;
    if (keep) {
      console.log(`\nThe app goes on at ${app.url} with the secret ${app.secret}\nPress Ctrl+C to stop it.`);
      await app.program.ended();
    }
  } finally {
    const status = await app.stop();
    if (status !== 0 && !interrupted) {
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
