import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createEvent } from "@ahasend-webhooks/testing";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";

import { type Emulator, EmulatorError, createEmulator, steppedClock } from "../src/index.js";
import { closedPort, secret } from "./helpers.js";

const clock = steppedClock(Date.parse("2026-07-14T15:00:00Z"));

/** Returns a state file with endpoints and pending deliveries, one of them with a failed attempt. */
async function realState(path: string): Promise<string> {
  const url = await closedPort();
  const emulator = createEmulator({ state: path, clock });
  const { id } = emulator.endpoints.create({ url, secret, scope: "scoped", domains: ["acme.example"] });
  emulator.endpoints.override(id, { kind: "slow", seconds: 2 });
  const route = emulator.endpoints.create({ kind: "route", url, recipient: "*@acme.example" });
  emulator.endpoints.override(route.id, { kind: "pause" });
  emulator.emit(createEvent("message.bounced"), { faults: [{ kind: "timestamp", offsetSeconds: 5 }] });
  emulator.emit(createEvent("message.routing"), {
    faults: [{ kind: "copies", count: 2, timing: "in_turn" }],
  });
  await emulator.quiet();
  await emulator.close();
  return readFileSync(path, "utf8");
}

type Path = readonly (string | number)[];

/** Returns the paths of all values in a JSON document. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => pathsOf(part, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

/** Replaces a value of one entry with any other. */
const valueReplaced = (text: string) =>
  fc.tuple(fc.nat(), fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(([line, place, by]) => {
    const lines = text.trimEnd().split("\n");
    const at = line % lines.length;
    const entry: unknown = JSON.parse(lines[at]!);
    const paths = pathsOf(entry);
    lines[at] = JSON.stringify(replaced(entry, paths[place % paths.length]!, by));
    return `${lines.join("\n")}\n`;
  });

/** Replaces some bytes with others. */
const bytesReplaced = (text: string) =>
  fc
    .tuple(fc.nat({ max: text.length }), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 8 }))
    .map(([start, length, bytes]) =>
      Buffer.concat([Buffer.from(text.slice(0, start)), bytes, Buffer.from(text.slice(start + length))]),
    );

it("opens a damaged state file, or leaves it unchanged and names it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-emulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const real = await realState(join(folder, "real.jsonl"));
  const state = join(folder, "damaged.jsonl");
  const counts = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.oneof(valueReplaced(real), bytesReplaced(real)), async (damaged) => {
      writeFileSync(state, damaged);
      let emulator: Emulator;
      try {
        emulator = createEmulator({
          state,
          clock,
          lookup: (_host, _options, callback) => callback(new Error("not found"), ""),
        });
      } catch (error) {
        expect(error).toBeInstanceOf(EmulatorError);
        expect(error).toMatchObject({ code: "state_unusable" });
        expect((error as Error).message).toContain(state);
        expect((error as Error).message).toContain("delete this one");
        // Not toEqual, which compares byte by byte.
        expect(readFileSync(state).equals(Buffer.from(damaged))).toBe(true);
        counts.refused += 1;
        return;
      }
      // Undetected damage is delivered somehow, or fails; nothing is thrown.
      for (const { id } of emulator.endpoints.list()) emulator.endpoints.override(id, null);
      await emulator.quiet();
      await emulator.close();
      counts.opened += 1;
    }),
    { numRuns: 300, seed: 20_261_125 },
  );
  expect(counts.opened).toBeGreaterThan(20);
  expect(counts.refused).toBeGreaterThan(20);
});
