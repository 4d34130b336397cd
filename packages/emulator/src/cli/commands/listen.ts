import { Command, Option } from "commander";

import {
  type ListenerOptions,
  type ListenerUse,
  addListenerOptions,
  serveListener,
} from "../listener/serve-listener.js";
import { helpExamples } from "../output.js";
import { openReporter } from "../page/reporter.js";
import { reportArrival } from "../page/to-report.js";
import { RECORDED_UNVERIFIED_BYTES, openRecorder } from "../listener/recording.js";
import { SECRET_VARIABLE, pageOption } from "../options/shared-options.js";

interface ListenOptions extends ListenerOptions {
  record?: string;
  page?: string;
}

const NOT_RECORDED = `not recorded: unverified requests have reached the limit of ${RECORDED_UNVERIFIED_BYTES / 1e6} MB`;

/** Creates `listen`: a receiver that prints the requests it gets. */
export function listenCommand(): Command {
  return addListenerOptions(new Command("listen"))
    .summary("receive requests, print whether they verify, and forward them")
    .description(
      "Receives requests on any path, for example through a tunnel, and prints whether each one verifies and, if not, why. Replies like a receiver, or forwards every request unchanged and passes on the reply of your app.",
    )
    .addOption(new Option("--record <path>", "append every request to this file, for replay"))
    .addOption(pageOption())
    .addHelpText(
      "after",
      helpExamples(
        "listen --record requests.jsonl",
        "listen --port 8080 --forward-to http://localhost:3000/webhooks/ahasend --show-body",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 stopped with Ctrl+C, 2 invalid options, 70 the recording cannot be written",
    )
    .action((options: ListenOptions) => serveListener(options, () => openUse(options)));
}

async function openUse({ record, page, secret = [] }: ListenOptions) {
  const reporter = await openReporter(page, "listen");
  const recorder = record === undefined ? undefined : openRecorder(record);
  let arrivals = 0;
  return {
    onRequest(request, { kind }) {
      if (recorder === undefined) return undefined;
      const isRecorded = recorder.record(request, kind === "verified" || kind === "duplicate");
      return { isRecorded, ...(!isRecorded && { note: NOT_RECORDED }) };
    },
    onReply(arrival, url) {
      arrivals += 1;
      reporter.report(String(arrivals), (key) => reportArrival(key, arrival, url));
    },
    notes: secret.length === 0 ? [`Requests are not verified: use --secret, or set ${SECRET_VARIABLE}.`] : [],
    async close() {
      recorder?.close();
      await reporter.close();
    },
  } satisfies ListenerUse;
}
