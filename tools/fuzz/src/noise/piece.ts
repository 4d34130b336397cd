import type { Step } from "../script.js";

/** Bytes as Latin-1, optionally repeated, so that a body of megabytes stays a short line of JSON. */
export interface Piece {
  send: string;
  times?: number;
}

/** Returns the bytes of pieces. */
export function toBytes(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map(({ send, times = 1 }) => Buffer.from(send.repeat(times), "latin1")));
}

/** Counts the bytes of pieces. */
export function countBytes(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { send, times = 1 }) => sum + send.length * times, 0);
}

/** Joins adjacent pieces that are not repeated. */
export function joinSteps(steps: readonly Step[]): Step[] {
  const joined: Step[] = [];
  for (const step of steps) {
    const last = joined.at(-1);
    if (isOnce(step) && last !== undefined && isOnce(last)) {
      joined[joined.length - 1] = { send: last.send + step.send };
    } else joined.push(step);
  }
  return joined;
}

/** Returns whether a step sends bytes that are not repeated. */
export function isOnce(step: Step): step is { send: string } {
  return "send" in step && step.times === undefined;
}
