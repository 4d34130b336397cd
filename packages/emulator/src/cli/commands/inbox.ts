import type { DeadLetters, InboxAdmin } from "@ahasend-webhooks/core";
import { Command, Option } from "commander";

import { confirm } from "../confirm.js";
import { UsageError, exitCodes } from "../exit.js";
import { type InboxTargetOptions, createTargetOptions } from "../inbox/inbox-target.js";
import { withInbox } from "../inbox/with-inbox.js";
import { jsonOption, parseWholeNumber } from "../options/shared-options.js";
import { createOutput, helpExamples } from "../output.js";
import {
  deadLetterData,
  deadLetterLines,
  inspectLines,
  statsData,
  statsText,
} from "../text/dead-letter-text.js";

type Options = InboxTargetOptions & { json?: boolean };

const DEFAULT_LIMIT = 20;

/** Creates `inbox`: looks after an inbox and its dead letters, beside the app that works on it. */
export function inboxCommand(): Command {
  const inbox = new Command("inbox")
    .summary("look at the inbox of your app, and replay or discard dead letters")
    .description(
      "Looks at the inbox of your app while it is running, and replays or discards deliveries whose attempts have all failed. It never handles a delivery itself. Run it in the folder of your app: it uses the packages that are installed there.",
    )
    .addHelpText(
      "after",
      helpExamples(
        "inbox stats --database postgres://localhost/app",
        "inbox list --database ./ahasend.db",
        "inbox inspect 17 --database ./ahasend.db",
        "inbox replay 17 18 --redis redis://localhost --queue ahasend",
        "inbox discard --all --database postgres://localhost/app --pg-boss",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 an id is not that of a dead letter, 2 invalid options or a database that cannot be used",
    );
  const add = (usage: string, summary: string) => {
    const description = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
    const command = inbox.command(usage).summary(summary).description(description);
    for (const option of createTargetOptions()) command.addOption(option);
    return command.addOption(jsonOption());
  };
  add("stats", "print how many deliveries wait, are active and are dead letters").action(stats);
  add("list", "list the oldest dead letters, the newest last")
    .addOption(
      new Option("--limit <number>", "how many to list")
        .default(DEFAULT_LIMIT)
        .argParser(parseWholeNumber(1, 100_000)),
    )
    .action(list);
  add("inspect <id>", "print a dead letter with its error and its body")
    .addOption(new Option("--raw", "print nothing but the signed bytes").conflicts("json"))
    .action(inspect);
  add("replay [ids...]", "start again with the first attempt")
    .option("--all", "replay all dead letters")
    .action(replay);
  add("discard [ids...]", "delete the bytes; duplicates are still recognized")
    .option("--all", "discard all dead letters")
    .option("--yes", "do not ask")
    .action(discard);
  return inbox;
}

async function stats(options: Options): Promise<void> {
  const output = createOutput(options);
  await withInbox(options, async (inbox) => {
    const counts = await inbox.stats();
    output.line(statsText(counts));
    output.data(statsData(counts));
  });
}

async function list({ limit, ...options }: Options & { limit: number }): Promise<void> {
  const output = createOutput(options);
  await withInbox(options, async ({ deadLetters }) => {
    const letters = await deadLetters.list({ limit: limit + 1 });
    const shown = letters.slice(0, limit);
    for (const line of shown.length === 0 ? ["0 dead letters"] : deadLetterLines(shown)) output.line(line);
    for (const letter of shown) output.data(deadLetterData(letter));
    if (letters.length > limit) output.line("There are more, which arrived later: use --limit.");
  });
}

async function inspect(id: string, { raw = false, ...options }: Options & { raw?: boolean }): Promise<void> {
  const output = createOutput(options);
  await withInbox(options, async ({ deadLetters }) => {
    const letter = await deadLetters.inspect(id);
    if (letter === undefined) {
      process.exitCode = exitCodes.failed;
      process.stderr.write("No dead letter has this id: see inbox list.\n");
      return;
    }
    const { rawBody } = letter;
    if (raw) process.stdout.write(rawBody);
    else for (const line of inspectLines(letter, rawBody)) output.line(line);
    output.data({ ...deadLetterData(letter), body: Buffer.from(rawBody).toString() });
  });
}

interface Selection extends Options {
  all?: boolean;
}

async function replay(ids: string[], options: Selection): Promise<void> {
  const selected = select(ids, options.all);
  await withInbox(options, ({ deadLetters }) => change(options, "replayed", selected, deadLetters));
}

async function discard(ids: string[], options: Selection & { yes?: boolean }): Promise<void> {
  const selected = select(ids, options.all);
  const mustAsk = selected === "all" && options.yes !== true;
  if (mustAsk && !process.stdin.isTTY) {
    throw new UsageError("discard --all deletes the bytes of all dead letters: add --yes.");
  }
  await withInbox(options, async (inbox) => {
    const isConfirmed = !mustAsk || (await confirmDiscard(inbox));
    await change(options, "discarded", isConfirmed ? selected : [], inbox.deadLetters);
  });
}

async function confirmDiscard(inbox: InboxAdmin): Promise<boolean> {
  const { deadLetters } = await inbox.stats();
  return confirm(`Delete the bytes of ${deadLetters} dead letters?`);
}

/** Never implicit. @throws {UsageError} unless ids or all of them are named */
function select(ids: string[], all = false): string[] | "all" {
  if (all === ids.length > 0) throw new UsageError("Name the ids of dead letters, or use --all.");
  return all ? "all" : [...new Set(ids)];
}

async function change(
  options: Options,
  kind: "replayed" | "discarded",
  selected: string[] | "all",
  deadLetters: DeadLetters,
): Promise<void> {
  const output = createOutput(options);
  const count = await (kind === "replayed" ? deadLetters.replay(selected) : deadLetters.discard(selected));
  const missing = selected === "all" ? 0 : selected.length - count;
  output.line(missing === 0 ? `${count} ${kind}` : `${count} ${kind}, ${missing} not found: see inbox list`);
  output.data({ kind, count, missing });
  if (missing > 0) process.exitCode = exitCodes.failed;
}
