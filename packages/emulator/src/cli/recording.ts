import { appendFileSync, closeSync, openSync } from "node:fs";

import { UsageError } from "./exit.js";
import { readText } from "./files.js";
import type { HeaderList } from "./parse-headers.js";

/** A request as it arrived, to the byte. */
export interface RecordedRequest {
  receivedAt: Date;
  method: string;
  /** Path and query. */
  url: string;
  headers: HeaderList;
  body: Buffer;
}

/** A file of requests, one a line. */
export interface Recorder {
  record(request: RecordedRequest): void;
  close(): void;
}

/**
 * Opens a file that requests are added to. It holds what people wrote to each other: only its owner can read it.
 *
 * @throws {UsageError} when it cannot be written
 */
export function openRecorder(path: string): Recorder {
  let file: number;
  try {
    file = openSync(path, "a", 0o600);
  } catch (cause) {
    const { code = "unwritable" } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${path} cannot be written (${code}): give another path with --record.`, { cause });
  }
  return {
    record: ({ body, ...request }) =>
      appendFileSync(file, `${JSON.stringify({ ...request, body: body.toString("base64") })}\n`),
    close: () => closeSync(file),
  };
}

/**
 * Reads a file that was made by {@link openRecorder}.
 *
 * @throws {UsageError} when it cannot be read, or is something else
 */
export async function readRecording(path: string): Promise<RecordedRequest[]> {
  const lines = (await readText(path)).split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new UsageError(`${path} is empty: record something with listen --record.`);
  return lines.map((line, index) => {
    const request = parse(line);
    if (request !== undefined) return request;
    throw new UsageError(
      `Line ${index + 1} of ${path} is no recorded request: give a file made by listen --record.`,
    );
  });
}

function parse(line: string): RecordedRequest | undefined {
  let value: Partial<Record<keyof RecordedRequest, unknown>> | null;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return undefined;
  }
  const { receivedAt, method, url, headers, body } = value ?? {};
  if (typeof method !== "string" || typeof url !== "string" || typeof body !== "string") return undefined;
  if (!isHeaderList(headers)) return undefined;
  return {
    receivedAt: new Date(String(receivedAt)),
    method,
    url,
    headers,
    body: Buffer.from(body, "base64"),
  };
}

function isHeaderList(value: unknown): value is HeaderList {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string");
  return Array.isArray(value) && value.every(isPair);
}
