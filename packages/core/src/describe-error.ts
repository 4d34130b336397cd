const MAX_LINES = 80;
const MAX_MESSAGE_LENGTH = 2000;
const MAX_MESSAGE_LINES = 8;
const MAX_FRAME_LENGTH = 300;
const MAX_FRAMES = 10;
/** Of a cause: the outermost error's stack says where it came up. */
const MAX_INNER_FRAMES = 4;
/** Of an `AggregateError`. */
const MAX_ERRORS = 5;
/** In one description: a chain of causes may be endless. */
const MAX_DESCRIBED = 10;

/** Control characters, line separators, and what reverses or hides characters on a terminal. */
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** The user and the password in a URL; the password may have an @. */
const CREDENTIALS = /\/\/[^\s/]+@/g;

/**
 * Describes anything that was thrown, for a log: its name, code, message and stack, and those of its `cause` and of the
 * `errors` of an `AggregateError`. Other properties are left out, because drivers keep arguments and rows there.
 *
 * Never throws, even if reading the value does. Returns at most 80 lines; control characters are escaped, and every line
 * but the first is indented, so that a message cannot forge a line of the log.
 *
 * @example
 * onOutcome: (outcome) => {
 *   if (outcome.kind === "refused") logger.error(outcome.code, describeError(outcome.error));
 * }
 */
export function describeError(error: unknown): string {
  const lines = describe(error, new Set());
  return lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES - 1), "  …"].join("\n") : lines.join("\n");
}

/**
 * Returns the first line of {@link describeError}, and those of the inner errors of an error without a message: Node.js has
 * one for a host whose addresses have all refused.
 *
 * @example
 * onWarning(`The table could not be read: ${summarizeError(error)}`);
 */
export function summarizeError(error: unknown): string {
  const [first = ""] = toSummary(error);
  const isSilent = isObject(error) && read(error, "message") === "";
  const inner = isSilent ? readInnerErrors(error).map(([, each]) => toSummary(each)[0]) : [];
  return [first.trimEnd(), ...inner].join(" ");
}

type Primitive = string | number | bigint | boolean | symbol;

function describe(error: unknown, described: Set<unknown>): string[] {
  const isOutermost = described.size === 0;
  const [first = "", ...rest] = toSummary(error);
  const lines = [first, ...rest.map((line) => `  ${line}`)];
  if (!isObject(error)) return lines;
  described.add(error);
  const frames = readFrames(error).slice(0, isOutermost ? MAX_FRAMES : MAX_INNER_FRAMES);
  lines.push(...frames.map((frame) => `    ${frame}`));
  for (const [label, inner] of readInnerErrors(error)) {
    const [head, ...tail] = described.has(inner)
      ? ["(see above)"]
      : described.size === MAX_DESCRIBED
        ? ["…"]
        : describe(inner, described);
    lines.push(`  ${label}: ${head}`, ...tail.map((line) => `  ${line}`));
  }
  return lines;
}

/** Name, code and message, in as many lines as the message has. */
function toSummary(error: unknown): string[] {
  if (error === undefined || error === null) return [`Thrown ${error}`];
  if (!isObject(error)) {
    const primitive = error as Primitive;
    return toLines(`Thrown ${typeof error}: `, String(primitive));
  }
  const message = read(error, "message");
  if (typeof message !== "string") return [`Thrown ${typeof error} without a message`];
  const code = read(error, "code");
  const isInformative = typeof code === "number" || (typeof code === "string" && !message.includes(code));
  return toLines(
    "",
    `${readName(error)}${isInformative ? ` (${cut(String(code), 100)})` : ""}: ${cut(message)}`,
  );
}

/** A subclass without a name of its own gets that of its class. */
function readName(error: object): string {
  const name = read(error, "name");
  if (typeof name === "string" && name !== "" && name !== "Error") return cut(name, 100);
  const constructor = read(error, "constructor");
  const className = isObject(constructor) ? read(constructor, "name") : undefined;
  return typeof className === "string" && className !== "" ? cut(className, 100) : "Error";
}

/** The lines of a stack that come after the message, which could imitate them. */
function readFrames(error: object): string[] {
  const stack = read(error, "stack");
  const message = read(error, "message");
  if (typeof stack !== "string") return [];
  const place = typeof message === "string" ? stack.indexOf(message) : -1;
  const start = place === -1 || typeof message !== "string" ? 0 : place + message.length;
  return stack
    .slice(start, start + MAX_FRAMES * MAX_FRAME_LENGTH)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .map((line) => toPrintable(cut(line, MAX_FRAME_LENGTH)));
}

function readInnerErrors(error: object): [label: string, inner: unknown][] {
  const inner: [string, unknown][] = [];
  const errors = read(error, "errors");
  const count = isArray(errors) ? Number(read(errors, "length")) : 0;
  for (let i = 0; i < Math.min(count, MAX_ERRORS); i += 1) {
    inner.push([`errors[${i}]`, read(errors as object, String(i))]);
  }
  const last = inner.at(-1);
  if (last !== undefined && count > MAX_ERRORS) last[0] += ` (and ${count - MAX_ERRORS} more)`;
  const cause = read(error, "cause");
  if (cause !== undefined) inner.push(["cause", cause]);
  return inner;
}

/** Getters and proxies may throw, and differ from one reading to the next. */
function read(from: object, key: string): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function toLines(start: string, message: string): string[] {
  const lines = `${start}${cut(message)}`.replace(CREDENTIALS, "//***@").split(/\r\n|\n/);
  return lines.slice(0, MAX_MESSAGE_LINES).map(toPrintable);
}

/** Returns a line in which control characters, and those that hide or reverse others, are escaped. */
export function toPrintable(line: string): string {
  return line.replace(UNSAFE, (sign) => `\\u{${sign.codePointAt(0)?.toString(16) ?? ""}}`);
}

function cut(string: string, length = MAX_MESSAGE_LENGTH): string {
  return string.length > length ? `${string.slice(0, length)}…` : string;
}
