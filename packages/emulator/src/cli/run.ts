import { styleText } from "node:util";

import { type Command, CommanderError } from "commander";

import { OutputError, UsageError, exitCodes } from "./exit.js";

/**
 * Runs the program with the arguments of the process, and sets the exit code. A command that fails sets
 * `process.exitCode` itself.
 */
export async function run(program: Command): Promise<void> {
  // A reader such as head may close the pipe early.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    process.exit(reportError(new OutputError("The output", error)));
  });
  configure(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

/** Makes Commander print errors in one line, and leave the exit to {@link run}. */
function configure(program: Command): void {
  program.exitOverride().configureOutput({
    outputError: (text, write) => {
      const line = text
        .trim()
        .replace(/^error: /, "")
        .replaceAll(/\s*\n\s*/g, " ");
      write(formatErrorLine(/[.!?]$/.test(line) ? line : `${line}: run with --help to see the usage.`));
    },
  });
  inheritSettings(program);
}

function inheritSettings(command: Command): void {
  for (const subcommand of command.commands) {
    subcommand.copyInheritedSettings(command);
    inheritSettings(subcommand);
  }
}

/** Prints an error. @returns the exit code */
function reportError(error: unknown): number {
  // Commander has printed it. Requested help is not an error; help for a missing command is.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof UsageError) {
    process.stderr.write(formatErrorLine(error.message));
    return exitCodes.usage;
  }
  if (error instanceof OutputError) {
    process.stderr.write(formatErrorLine(error.message));
    return exitCodes.internal;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(
    `${formatErrorLine("This is a bug: please report it together with the following lines.")}${stack}\n`,
  );
  return exitCodes.internal;
}

function formatErrorLine(message: string): string {
  return `${styleText("red", "error:", { stream: process.stderr })} ${message}\n`;
}
