import { Command } from "commander";

import manifest from "../../package.json" with { type: "json" };
import { captureCommand } from "./commands/capture.js";
import { checkCommand } from "./commands/check.js";
import { devCommand } from "./commands/dev.js";
import { inboxCommand } from "./commands/inbox.js";
import { listenCommand } from "./commands/listen.js";
import { replayCommand } from "./commands/replay.js";
import { scenarioCommand } from "./commands/scenario.js";
import { sendCommand } from "./commands/send.js";
import { verifyCommand } from "./commands/verify.js";

/** Creates the program with all its commands. */
export function createProgram(): Command {
  return new Command("ahasend-webhooks")
    .description(
      "Develop and test AhaSend webhook receivers locally: send signed events, check a receiver, debug signatures.",
    )
    .version(manifest.version)
    .addCommand(devCommand())
    .addCommand(sendCommand())
    .addCommand(scenarioCommand())
    .addCommand(listenCommand())
    .addCommand(captureCommand())
    .addCommand(replayCommand())
    .addCommand(checkCommand())
    .addCommand(verifyCommand())
    .addCommand(inboxCommand());
}
