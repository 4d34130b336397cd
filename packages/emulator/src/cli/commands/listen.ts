import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Command, Option } from "commander";

import { arrivalData, arrivalLines } from "../text/arrival-text.js";
import { UsageError, asUsage } from "../exit.js";
import { forward } from "../listener/forward.js";
import { interruptible } from "../interrupt.js";
import { createInspector } from "../listener/inspector.js";
import { createListener } from "../listener/listener.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  pageOption,
  parseUrl,
  secretsOption,
  parseWholeNumber,
} from "../options/shared-options.js";
import { createOutput, helpExamples } from "../output.js";
import { openReporter } from "../page/reporter.js";
import { reportArrival } from "../page/to-report.js";
import { openRecorder } from "../listener/recording.js";
import { assertLoopbackUrl } from "../remote-address.js";

interface ListenOptions {
  port: number;
  host: string;
  secret?: readonly string[];
  forwardTo?: string;
  record?: string;
  page?: string;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

const DEFAULT_PORT = 4700;
/** Longer than AhaSend waits, for requests that are made by hand; but they must not occupy memory forever. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Creates `listen`: a receiver that prints the requests it gets. */
export function listenCommand(): Command {
  return new Command("listen")
    .summary("receive requests, print whether they verify, and forward them")
    .description(
      "Receives requests on any path, for example through a tunnel, and prints whether each one verifies and, if not, why. Replies like a receiver, or forwards every request unchanged and passes on the reply of your app.",
    )
    .addOption(
      new Option("--port <number>", "port to listen on; 0 for any free one")
        .default(DEFAULT_PORT)
        .argParser(parseWholeNumber(0, 65_535)),
    )
    .addOption(new Option("--host <address>", "address to listen on; 0.0.0.0 for all").default("127.0.0.1"))
    .addOption(secretsOption())
    .addOption(new Option("--forward-to <url>", "forward every request to this URL").argParser(parseUrl))
    .addOption(new Option("--record <path>", "append every request to this file, for replay"))
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(pageOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      helpExamples(
        "listen --record requests.jsonl",
        "listen --port 8080 --forward-to http://localhost:3000/webhooks/ahasend",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 stopped with Ctrl+C, 2 invalid options, 70 the recording cannot be written",
    )
    .action(listen);
}

async function listen(options: ListenOptions): Promise<void> {
  const { secret: secrets = [], forwardTo: to, allowRemote = false, insecure = false } = options;
  const output = createOutput(options);
  const inspect = asUsage(() => createInspector(secrets));
  if (to !== undefined && !allowRemote) assertLoopbackUrl(to);
  const reporter = await openReporter(options.page, "listen");
  const recorder = options.record === undefined ? undefined : openRecorder(options.record);
  await interruptible(async (signal) => {
    let failed: (error: unknown) => void = () => undefined;
    const stopped = new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => resolve());
      failed = reject;
    });
    let [url, arrivals] = ["", 0];
    const server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS },
      createListener({
        inspect,
        onError: failed,
        onRequest: (request, { kind }) =>
          recorder?.record(request, kind === "verified" || kind === "duplicate"),
        forward:
          to === undefined ? undefined : (request) => forward(request, { to, allowRemote, insecure, signal }),
        onReply(arrival) {
          arrivals += 1;
          reporter.report(String(arrivals), (key) => reportArrival(key, arrival, url));
          if (options.json === true) output.data(arrivalData(arrival));
          else for (const line of arrivalLines(arrival)) output.line(line);
        },
      }),
    );
    url = await listenOn(server, options);
    output.line(`Listening on ${url} (press Ctrl+C to stop)`);
    if (secrets.length === 0)
      output.line("Requests are not verified: use --secret, or set AHASEND_WEBHOOK_SECRET.");
    output.data({ kind: "listening", url });
    try {
      await stopped;
    } finally {
      server.close();
      server.closeAllConnections();
      recorder?.close();
      await reporter.close();
    }
  });
}

/** @throws {UsageError} when the port or the address is not available */
async function listenOn(server: Server, { port, host }: ListenOptions): Promise<string> {
  try {
    await once(server.listen(port, host), "listening");
  } catch (cause) {
    const { code = "failed" } = cause as NodeJS.ErrnoException;
    throw new UsageError(
      `Port ${port} of ${host} is not available (${code}): choose another --port (0 for any free one) or --host.`,
      { cause },
    );
  }
  const { address, family, port: used } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${used}/`;
}
