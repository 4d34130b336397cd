import { contract } from "@ahasend-webhooks/core/contract";
import { Command, Option } from "commander";

import type { Attempt } from "../../deliveries/attempt.js";
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
import { dryRun } from "../dry-run.js";
import { createOutput, helpExamples, showProgress } from "../output.js";
import { reportDeliveries } from "../page/report-deliveries.js";
import { openReporter } from "../page/reporter.js";
import { createEndpoint, withEmulator } from "../with-emulator.js";
import { retriesText } from "../text/retries-text.js";
import { type Setting, addOption, setOption } from "../options/set-option.js";
import { DeliveryStats } from "../delivery-stats.js";

interface SendOptions {
  to: string;
  secret?: string;
  set?: readonly Setting[];
  add?: readonly Setting[];
  file?: string;
  id?: string;
  fault?: readonly Fault[];
  speed?: number;
  page?: string;
  once?: boolean;
  dryRun?: boolean;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** At this speed, all attempts are made before a hint is read. */
const HASTY_SPEED = 100;

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
    .addOption(addOption())
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
    .addOption(new Option("--once", "make one attempt, without retries").conflicts("speed"))
    .addOption(
      new Option(
        "--dry-run",
        `send nothing, and print the signed request as a cURL command, which receivers accept for ${contract.toleranceSeconds} s`,
      ).conflicts(["once", "speed"]),
    )
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
        "send message.clicked --to http://localhost:3000/webhooks/ahasend --dry-run | sh",
      ),
    )
    .addHelpText("after", "\nExit status: 0 acknowledged, 1 given up, 2 invalid options, 130 interrupted")
    .action(send);
}

async function send(type: string | undefined, options: SendOptions): Promise<void> {
  const {
    fault: faults = [],
    speed = 1,
    allowRemote = false,
    insecure = false,
    to,
    id,
    once = false,
  } = options;
  const secret = requireSecret(options.secret);
  if (faults.some(({ kind }) => kind === "reordered")) {
    throw new UsageError("--fault reordered needs several events: use the command scenario.");
  }
  const body = await readEventBody({ type, ...options });
  const sent = asUsage(() => readPayload(body, faults));
  const kind = isRouting(sent.type) ? "route" : "webhook";
  const output = createOutput(options);
  if (options.dryRun === true)
    return dryRun({ kind, to, secret, body, faults, insecure, ...(id !== undefined && { id }) }, output);
  const stats = new DeliveryStats();
  const reporter = await openReporter(options.page, "send");
  // The first failure disables the endpoint, which ends its deliveries.
  const settings = { speed, allowRemote, insecure, ...(once && { disableAfterFailures: 0 }) };
  await withEmulator(settings, async (emulator) => {
    reportDeliveries(emulator, reporter, secret);
    createEndpoint(emulator, kind, to, secret);
    followAttempts(emulator, (delivery, attempt) => {
      output.line(attemptText(delivery, attempt));
      output.data(attemptData(delivery, attempt));
      const isFirst = stats.attempts === 0;
      stats.addAttempt(attempt);
      const hint = isFirst && !once && speed < HASTY_SPEED ? findHint(attempt, to) : undefined;
      if (hint !== undefined) {
        output.line(
          `  ${hint} There are ${retriesText(kind)}: press Ctrl+C to stop, or use --once or --speed 1000.`,
        );
      }
    });
    const deliveries = asUsage(() => emulator.emit(body, { faults, ...(id !== undefined && { id }) }));
    output.line(`${sent.type || "The body"} to ${to} as ${deliveries[0]?.id ?? ""}`);
    const stopProgress = showProgress(output, () => nextText(deliveries));
    await Promise.all(deliveries.map(({ settled }) => settled));
    stopProgress();
    for (const delivery of deliveries.map(toResult)) {
      stats.addDelivery(delivery);
      output.line(deliveryText(delivery));
      output.data(deliveryData(delivery));
    }
  });
  await reporter.close();
  process.exitCode = stats.exitCode();
}

/** Returns how a delivery has ended: with `--once`, one that was cancelled after its attempt has failed. */
function toResult({ id, copy, type, state, attempts }: Delivery) {
  const isGivenUp = state === "cancelled" && attempts.length > 0;
  return { id, copy, type, attempts, state: isGivenUp ? ("failed" as const) : state };
}

/** Returns what to do if no attempt can succeed, because nothing answers at the URL, or something else does. */
function findHint({ error }: Attempt, to: string): string | undefined {
  const { origin, protocol } = new URL(to);
  switch (error?.code) {
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `Nothing answers at ${origin}: start your app, or correct --to.`;
    case "EPROTO":
      // Also the code of what the server refuses about a certificate.
      return error.message.includes("wrong version number")
        ? `The server at ${origin} does not speak https: correct --to.`
        : undefined;
    case "ECONNRESET":
      return protocol === "http:"
        ? `The server at ${origin} closed the connection: if it speaks https, correct --to.`
        : undefined;
    default:
      return undefined;
  }
}

function isRouting(type: Delivery["type"]): boolean {
  return type === "message.routing" || type === "route.message";
}
