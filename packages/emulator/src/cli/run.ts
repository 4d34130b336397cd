import { styleText } from "node:util";

import { type Command, CommanderError } from "commander";

import { OutputError, UsageError, exitCodes } from "./exit.js";

/**
 * Runs the program with the arguments of the process, and sets the exit status. A command sets `process.exitCode`
 * itself when its answer is no.
 */
export async function run(program: Command): Promise<void> {
  // A reader that has seen enough, such as head, is no error.
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

/** Makes the program and its commands tell errors in one line, and leave the end of the process to {@link run}. */
function configure(program: Command): void {
  program.exitOverride().configureOutput({
    outputError: (text, write) => {
      const line = text
        .trim()
        .replace(/^error: /, "")
        .replaceAll(/\s*\n\s*/g, " ");
      write(formatErrorLine(/[.!]$/.test(line) ? line : `${line}: add --help to see what can be given.`));
    },
  });
  for (const command of program.commands) command.copyInheritedSettings(program);
}

/** @returns the exit status */
function reportError(error: unknown): number {
  // Commander has written it already. Help that was asked for is no error; help for want of a command is.
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
    `${formatErrorLine("This should not happen: please report it with these lines.")}${stack}\n`,
  );
  return exitCodes.internal;
}

function formatErrorLine(message: string): string {
  return `${styleText("red", "error:", { stream: process.stderr })} ${message}\n`;
}
