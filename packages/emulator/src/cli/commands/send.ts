import { Command, Option } from "commander";

import type { Delivery } from "../../deliveries/delivery.js";
import type { Fault } from "../../faults/faults.js";
import { readPayload } from "../../deliveries/payload.js";
import { attemptData, attemptText, deliveryData, deliveryText, nextText } from "../text/delivery-text.js";
import { readEventBody } from "../options/event-body.js";
import { UsageError, asUsage } from "../exit.js";
import { faultHelp, faultOption } from "../options/fault-option.js";
import { followAttempts } from "../follow-attempts.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  requireSecret,
  secretOption,
  speedOption,
  toOption,
} from "../options/shared-options.js";
import { createOutput, helpExamples } from "../output.js";
import { showProgress } from "../progress.js";
import { createEndpoint, withEmulator } from "../with-emulator.js";
import { type Setting, setOption } from "../options/set-option.js";
import { DeliveryStats } from "../delivery-stats.js";

interface SendOptions {
  to: string;
  secret?: string;
  set?: readonly Setting[];
  file?: string;
  id?: string;
  fault?: readonly Fault[];
  speed?: number;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** `send`: delivers one event and follows it to its end. */
export function sendCommand(): Command {
  return new Command("send")
    .summary("deliver one event, with retries as AhaSend makes them")
    .description(
      "Delivers one event and follows it through its retries to the end: 6 attempts in 16 minutes at most, for message.routing 12 in 11 hours.",
    )
    .argument("[type]", "the type of the event, such as message.bounced")
    .addOption(toOption())
    .addOption(secretOption())
    .addOption(setOption())
    .addOption(
      new Option("--file <path>", "send this exact body instead of a sample; - for what is piped in"),
    )
    .addOption(new Option("--id <id>", "the header webhook-id; one that was used before makes a duplicate"))
    .addOption(faultOption())
    .addOption(speedOption())
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(jsonOption())
    .addHelpText("after", faultHelp())
    .addHelpText(
      "after",
      helpExamples(
        "send message.bounced --to http://localhost:3000/webhooks/ahasend --set data.recipient=gone@customer.example",
        "send message.opened --to http://localhost:3000/webhooks/ahasend --set data.is_bot:=true --fault duplicate",
        "send --file event.json --to http://localhost:3000/webhooks/ahasend --speed 1000 --json",
      ),
    )
    .addHelpText("after", "\nExit status: 0 acknowledged, 1 given up, 2 wrong options, 130 interrupted.")
    .action(send);
}

async function send(type: string | undefined, options: SendOptions): Promise<void> {
  const { fault: faults = [], speed = 1, allowRemote = false, insecure = false, to, id } = options;
  const secret = requireSecret(options.secret);
  if (faults.some(({ kind }) => kind === "reordered")) {
    throw new UsageError(
      "One event alone cannot be reordered: use scenario, or leave out --fault reordered.",
    );
  }
  const body = await readEventBody({ type, ...options });
  const output = createOutput(options);
  const tally = new DeliveryStats();
  await withEmulator({ speed, allowRemote, insecure }, async (emulator) => {
    const sent = asUsage(() => readPayload(body, faults));
    createEndpoint(emulator, isRouting(sent.type) ? "route" : "webhook", to, secret);
    followAttempts(emulator, (delivery, attempt) => {
      tally.addAttempt(attempt);
      output.line(attemptText(delivery, attempt));
      output.data(attemptData(delivery, attempt));
    });
    const deliveries = emulator.emit(body, { faults, ...(id !== undefined && { id }) });
    output.line(`${sent.type || "The body"} to ${to} as ${deliveries[0]?.id ?? ""}`);
    const stopProgress = showProgress(output, () => nextText(deliveries));
    await Promise.all(deliveries.map(({ settled }) => settled));
    stopProgress();
    for (const delivery of deliveries) {
      tally.addDelivery(delivery);
      output.line(deliveryText(delivery));
      output.data(deliveryData(delivery));
    }
  });
  process.exitCode = tally.exitCode();
}

function isRouting(type: Delivery["type"]): boolean {
  return type === "message.routing" || type === "route.message";
}
