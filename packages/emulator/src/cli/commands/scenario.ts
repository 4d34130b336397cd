import { Argument, Command, Option } from "commander";

import type { Delivery } from "../../deliveries/delivery.js";
import type { Emulator } from "../../emulator.js";
import type { Fault } from "../../faults/faults.js";
import { type Lifecycle, type LifecycleOptions, lifecycle, lifecycles } from "../../lifecycles/lifecycle.js";
import { attemptData, attemptText, deliveryData } from "../text/delivery-text.js";
import { exitCodes } from "../exit.js";
import { faultHelp, faultOption } from "../options/fault-option.js";
import { followAttempts } from "../follow-attempts.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  pageOption,
  parseChoice,
  parseUrl,
  parsePositiveNumber,
  requireSecret,
  secretOption,
  speedOption,
  toOption,
  parseWholeNumber,
} from "../options/shared-options.js";
import { createOutput, helpExamples, showProgress } from "../output.js";
import { runAtRate } from "../run-at-rate.js";

import { reportDeliveries } from "../page/report-deliveries.js";
import { openReporter } from "../page/reporter.js";
import { createEndpoint, withEmulator } from "../with-emulator.js";
import { DeliveryStats, statsText } from "../delivery-stats.js";

interface ScenarioOptions extends Pick<
  LifecycleOptions,
  "from" | "recipient" | "subject" | "transientErrors"
> {
  to: string;
  secret?: string;
  routeTo?: string;
  routeSecret?: string;
  count: number;
  rate?: number;
  fault?: readonly Fault[];
  speed?: number;
  page?: string;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** Creates `scenario`: delivers the events of one or many e-mails. */
export function scenarioCommand(): Command {
  return new Command("scenario")
    .summary("deliver all events of an e-mail's lifecycle, for one e-mail or many")
    .description(
      "Delivers all events of an e-mail's lifecycle, each after the first attempt of the previous one, and follows them through their retries.",
    )
    .addArgument(
      new Argument("<name>", "the lifecycle of the e-mail")
        .choices(lifecycles)
        .argParser(parseChoice(lifecycles)),
    )
    .addOption(toOption())
    .addOption(secretOption())
    .addOption(
      new Option("--route-to <url>", "URL for inbound e-mails (default: that of --to)").argParser(parseUrl),
    )
    .option("--route-secret <secret>", "signing secret of the inbound route (default: that of --secret)")
    .option("--from <mailbox>", "sender; {n} is replaced with the number of the e-mail")
    .option("--recipient <address>", "recipient; {n} is replaced with the number of the e-mail")
    .option("--subject <text>", "subject; {n} is replaced with the number of the e-mail")
    .addOption(
      new Option(
        "--transient-errors <number>",
        "number of message.transient_error events in deferred and failed (default: 2)",
      ).argParser(parseWholeNumber(0, 1000)),
    )
    .addOption(new Option("--count <number>", "number of e-mails").default(1).argParser(parseWholeNumber(1)))
    .addOption(
      new Option("--rate <number>", "e-mails per second (default: no limit, 32 at a time)").argParser(
        parsePositiveNumber("such as 50"),
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
        "scenario bounced --to http://localhost:3000/webhooks/ahasend --recipient gone@customer.example",
        "scenario inbound --to http://localhost:3000/webhooks/ahasend --route-to http://localhost:3000/webhooks/inbound",
        "scenario delivered --to http://localhost:3000/webhooks/ahasend --count 1000 --rate 50 --recipient 'user{n}@customer.example'",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 all acknowledged, 1 not all acknowledged, 2 invalid options, 130 interrupted",
    )
    .action(scenario);
}

async function scenario(name: Lifecycle, options: ScenarioOptions): Promise<void> {
  const {
    to,
    routeTo = to,
    count,
    rate,
    fault: faults = [],
    speed = 1,
    allowRemote = false,
    insecure = false,
  } = options;
  const secret = requireSecret(options.secret);
  const routeSecret = requireSecret(options.routeSecret ?? secret);
  const output = createOutput(options);
  const stats = new DeliveryStats();
  const reporter = await openReporter(options.page, "scenario");
  await withEmulator({ speed, allowRemote, insecure }, async (emulator, interrupted) => {
    reportDeliveries(emulator, reporter, secret);
    createEndpoint(emulator, "webhook", to, secret);
    createEndpoint(emulator, "route", routeTo, routeSecret);
    const disabled = watchForDisabling(emulator);
    const signal = AbortSignal.any([interrupted, disabled]);
    const follower = followAttempts(emulator, (delivery, attempt) => {
      stats.addAttempt(attempt);
      if (count === 1) output.line(`${delivery.type}  ${attemptText(delivery, attempt)}`);
      output.data(attemptData(delivery, attempt));
    });
    const conclude = (delivery: Delivery) => {
      stats.addDelivery(delivery);
      output.data(deliveryData(delivery));
    };
    let emails = 0;
    const stopProgress = showProgress(output, () => `${emails} of ${count} e-mails  ${statsText(stats)}`);
    await runAtRate({ count, rate, signal }, async (number) => {
      emails += 1;
      const events = lifecycle(name, numberOptions(options, number));
      const isReordered = faults.some(({ kind }) => kind === "reordered");
      for (const step of isReordered ? [events] : events) {
        if (signal.aborted) return;
        const deliveries = emulator.emit(step, { faults });
        for (const { settled } of deliveries) void settled.then(conclude);
        await Promise.all(deliveries.map((delivery) => follower.firstAttempt(delivery)));
      }
    });
    await emulator.idle();
    stopProgress();
    if (disabled.aborted) output.line("The endpoint was disabled: too many attempts in a row have failed.");
    output.line(statsText(stats));
    output.data({ kind: "summary", emails, ...stats.summary() });
    process.exitCode = stats.exitCode();
    if (disabled.aborted) process.exitCode = exitCodes.failed;
    if (interrupted.aborted) process.exitCode = exitCodes.interrupted;
  });
  await reporter.close();
}

function watchForDisabling(emulator: Emulator): AbortSignal {
  const controller = new AbortController();
  emulator.onChange((change) => {
    if (change.kind === "endpoint" && !change.endpoint.enabled) controller.abort();
  });
  return controller.signal;
}

/** Replaces `{n}` in the options with the number of an e-mail. */
function numberOptions(options: ScenarioOptions, number: number): LifecycleOptions {
  const strings = (["from", "recipient", "subject"] as const).flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[name, text.replaceAll("{n}", String(number))] as const];
  });
  const { transientErrors } = options;
  return { ...Object.fromEntries(strings), ...(transientErrors !== undefined && { transientErrors }) };
}
