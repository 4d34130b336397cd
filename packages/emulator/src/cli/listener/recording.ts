import { appendFileSync, closeSync, openSync } from "node:fs";

import { OutputError, UsageError } from "../exit.js";
import { readText } from "../read-file.js";
import type { HeaderList } from "./parse-headers.js";

/** A request exactly as it arrived. */
export interface RecordedRequest {
  receivedAt: Date;
  method: string;
  /** Path and query. */
  url: string;
  headers: HeaderList;
  body: Buffer;
}

/** Anyone can send requests through a tunnel: unverified ones may take this much of the disk per run. */
export const RECORDED_UNVERIFIED_BYTES = 100_000_000;

/** Writes requests to a file, one per line. */
export interface Recorder {
  /**
   * Records a request, unless it is unverified and the limit is reached.
   *
   * @returns whether it was recorded
   * @throws {OutputError} when the file can no longer be written
   */
  record(request: RecordedRequest, isVerified: boolean): boolean;
  close(): void;
}

/**
 * Opens a file to append requests to. Only its owner can read it, because e-mails are private.
 *
 * @throws {UsageError} when the file cannot be written
 */
export function openRecorder(path: string): Recorder {
  let file: number;
  try {
    file = openSync(path, "a", 0o600);
  } catch (cause) {
    const { code = "unwritable" } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${path} cannot be written (${code}): choose another path for --record.`, { cause });
  }
  let unverifiedBytes = 0;
  return {
    record({ body, ...request }, isVerified) {
      const base64Bytes = Math.ceil(body.length / 3) * 4;
      if (!isVerified) {
        if (unverifiedBytes + base64Bytes > RECORDED_UNVERIFIED_BYTES) return false;
        unverifiedBytes += base64Bytes;
      }
      try {
        appendFileSync(file, `${JSON.stringify({ ...request, body: body.toString("base64") })}\n`);
      } catch (cause) {
        throw new OutputError(path, cause);
      }
      return true;
    },
    close: () => closeSync(file),
  };
}

/**
 * Reads a file that was written by {@link openRecorder}.
 *
 * @throws {UsageError} when it cannot be read, or is not a recording
 */
export async function readRecording(path: string): Promise<RecordedRequest[]> {
  const lines = (await readText(path)).split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new UsageError(`${path} is empty: record requests with listen --record.`);
  return lines.map((line, index) => {
    const request = parseRecordedRequest(line);
    if (request !== undefined) return request;
    throw new UsageError(
      `Line ${index + 1} of ${path} is not a recorded request: use a file written by listen --record.`,
    );
  });
}

function parseRecordedRequest(line: string): RecordedRequest | undefined {
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
