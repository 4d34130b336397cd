#!/usr/bin/env node
import { Command } from "commander";

import manifest from "../../package.json" with { type: "json" };
import { checkCommand } from "./check.js";
import { run } from "./run.js";
import { sendCommand } from "./send.js";

const program = new Command("ahasend-webhooks")
  .description(
    "A local AhaSend: delivers signed events to a webhook receiver, and finds out why one does not verify.",
  )
  .version(manifest.version)
  .addCommand(sendCommand())
  .addCommand(checkCommand());

await run(program);
