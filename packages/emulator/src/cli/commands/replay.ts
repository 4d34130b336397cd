import { sign } from "@ahasend-webhooks/core";
import { createDeliveryId } from "@ahasend-webhooks/testing";
import { contract } from "@ahasend-webhooks/core/contract";
import { Command } from "commander";

import { UsageError, exitCodes } from "../exit.js";
import { forward } from "../listener/forward.js";
import { interruptible } from "../interrupt.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  requireSecret,
  secretOption,
  toOption,
} from "../options/shared-options.js";
import { createOutput, helpExamples } from "../output.js";
import { type RecordedRequest, readRecording } from "../listener/recording.js";
import {
  forwardedData,
  forwardedText,
  isAcknowledged,
  identifyRequest,
  requestText,
} from "../text/request-text.js";
import { toRemoteAddressError } from "../remote-address.js";

interface ReplayOptions {
  to: string;
  resign?: boolean;
  newIds?: boolean;
  secret?: string;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** Creates `replay`: sends recorded requests again. */
export function replayCommand(): Command {
  return new Command("replay")
    .summary("send requests again that listen recorded")
    .description(
      "Sends the requests in a file written by listen --record again, unchanged, one after the other, without retries.",
    )
    .argument("<file>", "the recording; - for stdin")
    .addOption(toOption())
    .option(
      "--resign",
      `sign again, with a new timestamp: receivers refuse the recorded one after ${contract.toleranceSeconds} s`,
    )
    .option("--new-ids", "with --resign, use new ids: receivers treat known ids as duplicates")
    .addOption(secretOption())
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      helpExamples(
        "replay requests.jsonl --to http://localhost:3000/webhooks/ahasend",
        "replay requests.jsonl --to http://localhost:3000/webhooks/ahasend --resign --new-ids",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 all acknowledged, 1 not all acknowledged, 2 invalid options, 130 interrupted",
    )
    .action(replay);
}

async function replay(file: string, options: ReplayOptions): Promise<void> {
  const { to, resign = false, newIds = false, allowRemote = false, insecure = false } = options;
  if (newIds && !resign)
    throw new UsageError("--new-ids requires --resign, because the signature covers the id.");
  const secret = resign ? requireSecret(options.secret) : undefined;
  const requests = await readRecording(file);
  const output = createOutput(options);
  process.exitCode = await interruptible(async (signal) => {
    let acknowledged = 0;
    for (const [index, recorded] of requests.entries()) {
      const request = secret === undefined ? recorded : resignRequest(recorded, secret, newIds);
      output.progress(`${index} of ${requests.length}`);
      const forwarded = await forward(request, { to, allowRemote, insecure, signal });
      if (signal.aborted) return exitCodes.interrupted;
      if ("error" in forwarded && forwarded.error.code === "remote_address") {
        throw toRemoteAddressError(forwarded.error.message);
      }
      if (isAcknowledged(forwarded)) acknowledged += 1;
      output.line(`${requestText(request)}  ${forwardedText(forwarded)}`);
      output.data({ kind: "replayed", ...identifyRequest(request), ...forwardedData(forwarded) });
    }
    output.line(`${acknowledged} of ${requests.length} acknowledged`);
    return acknowledged === requests.length ? exitCodes.ok : exitCodes.failed;
  });
}

/** Returns the request with a new timestamp and signature. */
function resignRequest(recorded: RecordedRequest, secret: string, newId: boolean): RecordedRequest {
  const { headers, body } = recorded;
  const signed = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  const oldId = newId ? null : identifyRequest(recorded).deliveryId;
  const id = oldId ?? createDeliveryId();
  const timestamp = Math.floor(Date.now() / 1000);
  const values = [id, String(timestamp), sign({ secret, id, timestamp, body })];
  return {
    ...recorded,
    headers: [
      ...headers.filter(([name]) => !signed.includes(name.toLowerCase())),
      ...signed.map((name, index) => [name, values[index] ?? ""] as const),
    ],
  };
}
