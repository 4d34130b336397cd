import { styleText } from "node:util";

/** The output of a command: text, or JSON with `--json`. */
export interface Output {
  /** Writes a line of text to stdout; nothing with `--json`. */
  line(line: string): void;
  /** Writes a value to stdout as one line of JSON; nothing without `--json`. */
  data(value: object): void;
  /** Shows progress in one line of stderr, which it rewrites; only in a terminal. */
  progress(line: string): void;
}

const PROGRESS_INTERVAL_MS = 1000;
const ERASE_LINE = "\r\u001b[2K";

/** Creates the output of a command. */
export function createOutput({ json = false }: { json?: boolean | undefined }): Output {
  let shown = false;
  const progress = (line: string) => {
    if (!process.stderr.isTTY) return;
    // A wider line would wrap, and only its last row would be erased.
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

/** Shows progress every second. @returns a function that stops it */
export function showProgress(output: Output, describe: () => string): () => void {
  const timer = setInterval(() => output.progress(describe()), PROGRESS_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    output.progress("");
  };
}

/** Colours text for stdout, unless stdout is not a terminal or NO_COLOR is set. */
export function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Returns the examples at the end of a help text. */
export function helpExamples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  $ npx @ahasend-webhooks/emulator ${line}`)].join("\n");
}
