import { Argument, Command, Option } from "commander";

import type { Delivery } from "../../deliveries/delivery.js";
import type { Emulator } from "../../emulator.js";
import type { Fault } from "../../faults/faults.js";
import { type Lifecycle, type LifecycleOptions, lifecycle, lifecycles } from "../../lifecycle.js";
import { attemptData, attemptText, deliveryData } from "../text/delivery-text.js";
import { exitCodes } from "../exit.js";
import { faultHelp, faultOption } from "../options/fault-option.js";
import { followAttempts } from "../follow-attempts.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  parseUrl,
  parsePositiveNumber,
  requireSecret,
  secretOption,
  speedOption,
  toOption,
  parseWholeNumber,
} from "../options/shared-options.js";
import { createOutput, helpExamples } from "../output.js";
import { runAtRate } from "../run-at-rate.js";
import { showProgress } from "../progress.js";
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
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** `scenario`: delivers all events in the life of an e-mail, or of many. */
export function scenarioCommand(): Command {
  return new Command("scenario")
    .summary("deliver all events in the life of an e-mail, or of many")
    .description(
      "Delivers all events in the life of an e-mail, each after the first attempt of the one before, and follows them to their end.",
    )
    .addArgument(new Argument("<name>", "what becomes of the e-mail").choices(lifecycles))
    .addOption(toOption())
    .addOption(secretOption())
    .addOption(
      new Option("--route-to <url>", "where to deliver inbound mail, if not to --to").argParser(parseUrl),
    )
    .option("--route-secret <secret>", "the secret of the route, if it is not --secret")
    .option("--from <mailbox>", "the sender; {n} is the number of the e-mail")
    .option("--recipient <address>", "the recipient; {n} is the number of the e-mail")
    .option("--subject <text>", "the subject; {n} is the number of the e-mail")
    .addOption(
      new Option(
        "--transient-errors <number>",
        "how often deferred and failed are tried in vain (2)",
      ).argParser(parseWholeNumber(0, 1000)),
    )
    .addOption(new Option("--count <number>", "how many e-mails").default(1).argParser(parseWholeNumber(1)))
    .addOption(
      new Option("--rate <number>", "e-mails a second; as many as are answered if it is left out").argParser(
        parsePositiveNumber("such as 50"),
      ),
    )
    .addOption(faultOption())
    .addOption(speedOption())
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
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
    .addHelpText("after", "\nExit status: 0 all acknowledged, 1 not all, 2 wrong options, 130 interrupted.")
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
  const tally = new DeliveryStats();
  await withEmulator({ speed, allowRemote, insecure }, async (emulator, interrupted) => {
    createEndpoint(emulator, "webhook", to, secret);
    createEndpoint(emulator, "route", routeTo, routeSecret);
    const switchedOff = watchForSwitchOff(emulator);
    const signal = AbortSignal.any([interrupted, switchedOff]);
    const follower = followAttempts(emulator, (delivery, attempt) => {
      tally.addAttempt(attempt);
      if (count === 1) output.line(`${delivery.type}  ${attemptText(delivery, attempt)}`);
      output.data(attemptData(delivery, attempt));
    });
    const conclude = (delivery: Delivery) => {
      tally.addDelivery(delivery);
      output.data(deliveryData(delivery));
    };
    let emails = 0;
    const stopProgress = showProgress(output, () => `${emails} of ${count} e-mails  ${statsText(tally)}`);
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
    if (switchedOff.aborted)
      output.line("The endpoint was switched off: too many attempts in a row have failed.");
    output.line(statsText(tally));
    output.data({ kind: "summary", emails, ...tally.summary() });
    process.exitCode = tally.exitCode();
    if (switchedOff.aborted) process.exitCode = exitCodes.failed;
    if (interrupted.aborted) process.exitCode = exitCodes.interrupted;
  });
}

function watchForSwitchOff(emulator: Emulator): AbortSignal {
  const controller = new AbortController();
  emulator.onChange((change) => {
    if (change.kind === "endpoint" && !change.endpoint.enabled) controller.abort();
  });
  return controller.signal;
}

/** What is the same for all e-mails, with the number of one in place of `{n}`. */
function numberOptions(options: ScenarioOptions, number: number): LifecycleOptions {
  const texts = (["from", "recipient", "subject"] as const).flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[name, text.replaceAll("{n}", String(number))] as const];
  });
  const { transientErrors } = options;
  return { ...Object.fromEntries(texts), ...(transientErrors !== undefined && { transientErrors }) };
}
