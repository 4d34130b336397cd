import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type Command, Option } from "commander";

import { arrivalData, arrivalLines } from "../text/arrival-text.js";
import { UsageError, asUsage } from "../exit.js";
import { interruptible } from "../interrupt.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  parseUrl,
  parseWholeNumber,
  secretsOption,
} from "../options/shared-options.js";
import { createOutput } from "../output.js";
import { assertLoopbackUrl } from "../remote-address.js";
import { forward } from "./forward.js";
import { createInspector } from "./inspector.js";
import { type Arrival, type ListenerParts, createListener } from "./listener.js";

/** Options of the commands that receive requests. */
export interface ListenerOptions {
  port: number;
  host: string;
  secret?: readonly string[];
  forwardTo?: string;
  showBody?: boolean;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** The part of a command: what it does with the requests. */
export interface ListenerUse extends Pick<ListenerParts, "onRequest"> {
  /** Printed once the address is known. */
  notes: readonly string[];
  /** Called with every request and its reply. */
  onReply?: (arrival: Arrival, url: string) => void;
  /** Called when nothing more arrives. */
  close: () => Promise<void> | void;
}

const DEFAULT_PORT = 4700;
/** Longer than AhaSend waits, for requests that are made by hand; but they must not occupy memory forever. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Adds the options of a command that receives requests. */
export function addListenerOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--port <number>", "port to listen on; 0 for any free one")
        .default(DEFAULT_PORT)
        .argParser(parseWholeNumber(0, 65_535)),
    )
    .addOption(new Option("--host <address>", "address to listen on; 0.0.0.0 for all").default("127.0.0.1"))
    .addOption(secretsOption())
    .addOption(new Option("--forward-to <url>", "forward every request to this URL").argParser(parseUrl))
    .addOption(new Option("--show-body", "print the beginning of each body"))
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(jsonOption());
}

/**
 * Receives requests until Ctrl+C, prints each one, and replies or forwards it.
 *
 * @param open called once the options are known to be valid
 * @throws {UsageError} for an unusable secret, a URL of another machine, or a port that is not available
 */
export async function serveListener(
  options: ListenerOptions,
  open: () => Promise<ListenerUse> | ListenerUse,
): Promise<void> {
  const { secret: secrets = [], forwardTo: to, allowRemote = false, insecure = false } = options;
  const output = createOutput(options);
  const inspect = asUsage(() => createInspector(secrets));
  if (to !== undefined && !allowRemote) assertLoopbackUrl(to);
  const { onRequest, notes, onReply, close } = await open();
  await interruptible(async (signal) => {
    let failed: (error: unknown) => void = () => undefined;
    const stopped = new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => resolve());
      failed = reject;
    });
    let url = "";
    const server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS },
      createListener({
        inspect,
        onError: failed,
        onRequest,
        forward:
          to === undefined ? undefined : (request) => forward(request, { to, allowRemote, insecure, signal }),
        onReply(arrival) {
          onReply?.(arrival, url);
          if (options.json === true) output.data(arrivalData(arrival, options));
          else for (const line of arrivalLines(arrival, options)) output.line(line);
        },
      }),
    );
    try {
      url = await listenOn(server, options);
      output.line(`Listening on ${url} (press Ctrl+C to stop)`);
      for (const note of notes) output.line(note);
      output.data({ kind: "listening", url, notes });
      await stopped;
    } finally {
      server.close();
      server.closeAllConnections();
      await close();
    }
  });
}

/** @throws {UsageError} when the port or the address is not available */
async function listenOn(server: Server, { port, host }: ListenerOptions): Promise<string> {
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
