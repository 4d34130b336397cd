import { once } from "node:events";

import { Command, Option } from "commander";

import { createEmulator } from "../../create-emulator.js";
import { type DevServer, startDevServer } from "../../dev/server.js";
import type { Emulator } from "../../emulator.js";
import { type DevSecret, keepDevSecret } from "../dev-secret.js";
import { UsageError, asUsage } from "../exit.js";
import { interruptible } from "../interrupt.js";
import { openBrowser } from "../open-browser.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  SECRET_VARIABLE,
  parseUrl,
  secretOption,
  speedOption,
  parseWholeNumber,
} from "../options/shared-options.js";
import { createOutput, helpExamples, paint } from "../output.js";
import { createEndpoint } from "../with-emulator.js";

interface DevOptions {
  to?: string;
  secret?: string;
  port?: number;
  open?: boolean;
  state?: string;
  speed?: number;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

const FIRST_PORT = 4500;
const LAST_PORT = 4599;

/** Creates `dev`: an emulator with a web page. */
export function devCommand(): Command {
  return new Command("dev")
    .summary("run the emulator with a web page to send events and watch deliveries")
    .description(
      "Runs the emulator with a web page on this machine: compose and send events, watch attempts, replay deliveries, and make endpoints pause, fail or reply slowly.",
    )
    .addOption(
      new Option(
        "--to <url>",
        "URL of your receiver, such as http://localhost:3000/webhooks/ahasend; add more endpoints on the page",
      ).argParser(parseUrl),
    )
    .addOption(secretOption())
    .addOption(
      new Option(
        "--port <number>",
        `port of the page (default: the first free one from ${FIRST_PORT})`,
      ).argParser(parseWholeNumber(0, 65_535)),
    )
    .addOption(new Option("--open", "open the page in a browser"))
    .addOption(
      new Option("--state <path>", "keep endpoints, pending deliveries and saved events in this file"),
    )
    .addOption(speedOption())
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      helpExamples(
        "dev --to http://localhost:3000/webhooks/ahasend --open",
        "dev --to http://localhost:3000/webhooks/ahasend --speed 100 --state emulator.jsonl",
      ),
    )
    .addHelpText("after", "\nExit status: 0 stopped with Ctrl+C, 2 invalid options or a port in use")
    .action(dev);
}

async function dev(options: DevOptions): Promise<void> {
  const { to, secret, speed = 1, allowRemote = false, insecure = false, state } = options;
  const emulator = asUsage(() =>
    createEmulator({
      speed,
      allowRemote,
      insecure,
      ...(state !== undefined && { state }),
      ...(secret !== undefined && { secret }),
    }),
  );
  try {
    const warning = to === undefined ? undefined : connectTo(emulator, to, secret);
    await interruptible(async (signal) => {
      const server = await serve(emulator, options.port);
      printStart(emulator, server, options, warning);
      if (options.open === true) openBrowser(server.url);
      if (!signal.aborted) await once(signal, "abort");
      await server.close();
    });
  } finally {
    await emulator.close();
  }
}

/**
 * Creates a webhook and an inbound route for a receiver, unless they exist from the last run.
 *
 * @returns a warning if their secret will be another one at the next start
 */
function connectTo(emulator: Emulator, url: string, secret: string | undefined): string | undefined {
  const { endpoints } = emulator;
  let kept: DevSecret | undefined;
  for (const kind of ["webhook", "route"] as const) {
    const known = endpoints.list().find((endpoint) => endpoint.kind === kind && endpoint.url === url);
    if (known === undefined) createEndpoint(emulator, kind, url, secret ?? (kept ??= keepDevSecret()).secret);
    else if (secret !== undefined) endpoints.change(known.id, { secret });
  }
  if (kept?.isKept !== false) return undefined;
  return `The secret is a new one at each start, because ${kept.path} cannot be used: delete it, make its folder writable, or use --secret.`;
}

/** @throws {UsageError} when the chosen port, or each of the default ports, is in use */
async function serve(emulator: Emulator, chosen: number | undefined): Promise<DevServer> {
  const last = chosen ?? LAST_PORT;
  for (let port = chosen ?? FIRST_PORT; ; port += 1) {
    try {
      return await startDevServer(emulator, { port });
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" && code !== "EACCES") throw cause;
      if (port >= last) {
        throw new UsageError(
          `Port ${port} is not available (${code}): choose another --port (0 for any free one).`,
          { cause },
        );
      }
    }
  }
}

function printStart(
  { endpoints }: Emulator,
  { url }: DevServer,
  options: DevOptions,
  warning: string | undefined,
): void {
  const output = createOutput(options);
  const known = endpoints.list().map(({ id, kind, url, secret }) => ({ id, kind, url, secret }));
  output.data({ kind: "serving", url, endpoints: known });
  output.line(`The emulator is running at ${paint("bold", url)}`);
  for (const target of new Set(known.map((endpoint) => endpoint.url))) {
    const secrets = new Set(known.filter((each) => each.url === target).map(({ secret }) => secret));
    output.line(`Delivering to ${target}. For the environment of your app, such as its .env:`);
    for (const secret of secrets) output.line(`\n  ${SECRET_VARIABLE}=${secret}\n`);
  }
  if (warning !== undefined) output.line(warning);
  output.line(`Run send, scenario, check or listen with --page ${url} to see there what they do.`);
  output.line(`${known.length === 0 ? "Add an endpoint" : "Send events"} on the page. Press Ctrl+C to stop.`);
}
