import { formatDelivery } from "@ahasend-webhooks/testing";
import { Command, Option } from "commander";

import { anonymizeDelivery } from "../../anonymize/anonymize-delivery.js";
import { Pseudonyms } from "../../anonymize/pseudonyms.js";
import { createDeliveryFolder } from "../listener/delivery-folder.js";
import type { RecordedRequest } from "../listener/recording.js";
import {
  type ListenerOptions,
  type ListenerUse,
  addListenerOptions,
  serveListener,
} from "../listener/serve-listener.js";
import { createNoSecretError } from "../options/shared-options.js";
import { helpExamples } from "../output.js";
import { identifyRequest } from "../text/request-text.js";

interface CaptureOptions extends ListenerOptions {
  output: string;
  anonymize?: boolean;
}

/** The headers that are kept: those of tunnels and proxies name machines and people. */
const KEPT_HEADERS = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"];

/** Creates `capture`: records real deliveries for tests. */
export function captureCommand(): Command {
  return addListenerOptions(new Command("capture"))
    .summary("record real deliveries as fixtures for tests, anonymized if you want")
    .description(
      "Receives deliveries as listen does, and writes each one that verifies to a file, once. loadDeliveries of @ahasend-webhooks/testing reads them. With --anonymize, addresses, names, subjects, ids and contents are replaced, the same ones by the same replacement; without it, the files have the exact bytes.",
    )
    .requiredOption("--output <folder>", "new folder for the files")
    .addOption(new Option("--anonymize", "replace personal data, and sign again with a test secret"))
    .addOption(new Option("--anonymise", "the same").implies({ anonymize: true }).hideHelp())
    .addHelpText(
      "after",
      helpExamples(
        "capture --output test/deliveries --anonymize",
        "capture --output test/deliveries --anonymize --forward-to http://localhost:3000/webhooks/ahasend",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 stopped with Ctrl+C, 2 invalid options, 70 a file cannot be written",
    )
    .action(capture);
}

async function capture(options: CaptureOptions): Promise<void> {
  if (options.secret === undefined) throw createNoSecretError();
  await serveListener(options, () => openUse(options));
}

function openUse({ output, anonymize = false }: CaptureOptions): ListenerUse {
  const folder = createDeliveryFolder(output, !anonymize);
  const pseudonyms = new Pseudonyms();
  return {
    onRequest(request, { kind }) {
      if (kind === "duplicate") return { isRecorded: false, note: "not captured: it was captured before" };
      if (kind !== "verified") return { isRecorded: false, note: "not captured: it does not verify" };
      const original = toDelivery(request);
      const delivery = anonymize ? anonymizeDelivery(original, pseudonyms) : original;
      // The name of the file must not have more of the original than its content.
      const { type } = identifyRequest({ headers: [], body: Buffer.from(delivery.body) });
      return { isRecorded: true, note: `captured as ${folder.write(type ?? "", formatDelivery(delivery))}` };
    },
    notes: [
      anonymize
        ? `Writing anonymized deliveries to ${output}: look at them before you publish them.`
        : `Writing the exact deliveries to ${output}. They contain personal data: use --anonymize for files that you commit.`,
    ],
    close: () => folder.close(),
  };
}

function toDelivery({ headers, body }: RecordedRequest) {
  const kept = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = headers.find(([each]) => each.toLowerCase() === name)?.[1];
      return value !== undefined && /^[\x20-\x7e]*$/.test(value) ? [[name, value] as const] : [];
    }),
  );
  return {
    headers: kept,
    id: kept["webhook-id"] ?? "",
    at: Number(kept["webhook-timestamp"]) * 1000,
    // It verifies, so it is UTF-8.
    body: body.toString(),
  };
}
