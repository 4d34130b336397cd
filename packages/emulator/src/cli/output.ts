import { styleText } from "node:util";

/** Where a command tells what it has found: to people, or with `--json` to programs. */
export interface Output {
  /** Writes a line for people to stdout; nothing with `--json`. */
  line(line: string): void;
  /** Writes a value for programs to stdout, as one line of JSON; nothing without `--json`. */
  data(value: object): void;
  /** Shows how far it has come, in place of what was shown before; on a terminal only, on stderr. */
  progress(line: string): void;
}

const ERASE_LINE = "\r\u001b[2K";

/** Makes the output of a command. */
export function createOutput({ json = false }: { json?: boolean | undefined }): Output {
  let shown = false;
  const progress = (line: string) => {
    if (!process.stderr.isTTY) return;
    // What is wider would wrap, and only its last row be erased.
    process.stderr.write(ERASE_LINE + line.slice(0, process.stderr.columns - 1));
    shown = line !== "";
  };
  const write = (line: string) => {
    if (shown) progress("");
    process.stdout.write(`${line}\n`);
  };
  return {
    line: (line) => void (json || write(line)),
    data: (value) => void (json && write(JSON.stringify(value))),
    progress,
  };
}

/** Colours a text on stdout, unless that is no terminal or NO_COLOR is set. */
export function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** The end of a help text: examples of a command, as they would be typed. */
export function helpExamples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  $ npx @ahasend-webhooks/emulator ${line}`)].join("\n");
}
