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
  pageOption,
  requireSecret,
  secretOption,
  speedOption,
  toOption,
} from "../options/shared-options.js";
import { createOutput, helpExamples, showProgress } from "../output.js";

import { reportDeliveries } from "../page/report-deliveries.js";
import { openReporter } from "../page/reporter.js";
import { createEndpoint, withEmulator } from "../with-emulator.js";
import { retriesText } from "../text/retries-text.js";
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
  page?: string;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** Creates `send`: delivers one event. */
export function sendCommand(): Command {
  return new Command("send")
    .summary("deliver one event, with the retries of AhaSend")
    .description(
      `Delivers one event and follows it through its retries: up to ${retriesText("webhook")}, or up to ${retriesText("route")} for message.routing.`,
    )
    .argument("[type]", "event type, such as message.bounced")
    .addOption(toOption())
    .addOption(secretOption())
    .addOption(setOption())
    .addOption(
      new Option("--file <path>", "send the exact content of a file instead of a sample; - for stdin"),
    )
    .addOption(
      new Option(
        "--id <id>",
        "value of the header webhook-id; a repeated id makes a duplicate (default: a new id)",
      ),
    )
    .addOption(faultOption())
    .addOption(speedOption())
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(pageOption())
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
    .addHelpText("after", "\nExit status: 0 acknowledged, 1 given up, 2 invalid options, 130 interrupted")
    .action(send);
}

async function send(type: string | undefined, options: SendOptions): Promise<void> {
  const { fault: faults = [], speed = 1, allowRemote = false, insecure = false, to, id } = options;
  const secret = requireSecret(options.secret);
  if (faults.some(({ kind }) => kind === "reordered")) {
    throw new UsageError("--fault reordered needs several events: use the command scenario.");
  }
  const body = await readEventBody({ type, ...options });
  const output = createOutput(options);
  const stats = new DeliveryStats();
  const reporter = await openReporter(options.page, "send");
  await withEmulator({ speed, allowRemote, insecure }, async (emulator) => {
    const sent = asUsage(() => readPayload(body, faults));
    reportDeliveries(emulator, reporter, secret);
    createEndpoint(emulator, isRouting(sent.type) ? "route" : "webhook", to, secret);
    followAttempts(emulator, (delivery, attempt) => {
      stats.addAttempt(attempt);
      output.line(attemptText(delivery, attempt));
      output.data(attemptData(delivery, attempt));
    });
    const deliveries = emulator.emit(body, { faults, ...(id !== undefined && { id }) });
    output.line(`${sent.type || "The body"} to ${to} as ${deliveries[0]?.id ?? ""}`);
    const stopProgress = showProgress(output, () => nextText(deliveries));
    await Promise.all(deliveries.map(({ settled }) => settled));
    stopProgress();
    for (const delivery of deliveries) {
      stats.addDelivery(delivery);
      output.line(deliveryText(delivery));
      output.data(deliveryData(delivery));
    }
  });
  await reporter.close();
  process.exitCode = stats.exitCode();
}

function isRouting(type: Delivery["type"]): boolean {
  return type === "message.routing" || type === "route.message";
}
