import { fork, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished } from "vitest";

import { createEmulator, steppedClock } from "../src/index.js";
import { noting, openEmulator, secret } from "./helpers.js";

const bounced = createEvent("message.bounced");

/** Returns the path of a new state file in a temporary folder. */
function newState(): string {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-emulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "state.jsonl");
}

describe("a state file", () => {
  it("keeps endpoints, their settings and their counters", async () => {
    const state = newState();
    const { url } = await noting();
    const first = openEmulator({ state });
    const webhook = first.endpoints.create({ url, name: "kept", on_opened: false });
    const route = first.endpoints.create({ kind: "route", url, recipient: "*@acme.example" });
    const { id } = first.endpoints.create({ url });
    first.endpoints.delete(id);
    await first.emit(bounced)[0]!.settled;
    await first.close();

    const second = openEmulator({ state });
    expect(second.endpoints.list()).toEqual([webhook, route]);
    expect(second.endpoints.get(webhook.id)).toMatchObject({
      name: "kept",
      on_opened: false,
      success_count: 1,
    });
    expect(second.deliveries.list()).toEqual([]);
  });

  it("keeps saved events, and forgets those that were deleted", async () => {
    const state = newState();
    const first = openEmulator({ state });
    first.savedEvents.save("bounce", bounced);
    first.savedEvents.save("no JSON", "{ no JSON");
    first.savedEvents.save("deleted", bounced);
    first.savedEvents.delete("deleted");
    await first.close();

    const { savedEvents } = openEmulator({ state });
    expect(savedEvents.list()).toEqual(["bounce", "no JSON"]);
    expect(savedEvents.list().map((name) => savedEvents.get(name))).toEqual([bounced, "{ no JSON"]);
  });

  it("keeps pending deliveries: id, body, faults, failures and next attempt", async () => {
    const state = newState();
    const clock = steppedClock();
    const { url, arrived } = await noting(500);
    const first = openEmulator({ state, clock });
    first.endpoints.create({ url, secret });
    const [delivery] = first.emit(bounced, { faults: [{ kind: "timestamp", offsetSeconds: -1000 }] });
    await first.quiet();
    clock.advanceToNext();
    await first.quiet();
    const dueAt = delivery!.nextAttemptAt!.getTime();
    await first.close();

    const second = openEmulator({ state, clock });
    const [resumed] = second.deliveries.list();
    expect(resumed).toMatchObject({
      id: delivery!.id,
      key: delivery!.key,
      body: delivery!.body,
      state: "pending",
    });
    expect(resumed!.nextAttemptAt!.getTime()).toBe(dueAt);
    clock.advance(dueAt - clock.now() - 1);
    await second.quiet();
    expect(arrived).toHaveLength(2);
    clock.advance(1);
    do await second.quiet();
    while (clock.advanceToNext());
    expect(resumed).toMatchObject({ state: "failed" });
    expect(resumed!.attempts.map(({ number }) => number)).toEqual([3, 4, 5, 6]);
    expect(new Set(arrived.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([delivery!.id]));
    const [last] = arrived.slice(-1);
    expect(Number(last!.headers["webhook-timestamp"])).toBe(Math.floor(clock.now() / 1000) - 1000);
  });

  it("keeps deliveries that became due while no emulator ran", async () => {
    const state = newState();
    const clock = steppedClock();
    const { url } = await noting(500);
    const first = openEmulator({ state, clock });
    first.endpoints.create({ url, secret });
    first.emit(bounced);
    await first.quiet();
    await first.close();
    clock.advance(3_600_000);
    const second = openEmulator({ state, clock });
    await second.quiet();
    expect(second.deliveries.list()).toMatchObject([{ attempts: [{ number: 2 }] }]);
  });

  it("loses nothing when the process is killed at any moment", async () => {
    const state = newState();
    let isUp = false;
    const handled: string[] = [];
    const { url } = await noting(({ headers }, response) => {
      if (!isUp) return;
      handled.push(String(headers["webhook-id"]));
      response.writeHead(204).end();
    });
    const child = fork(fileURLToPath(new URL("fixtures/dies.mjs", import.meta.url)), [state, url, secret]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const taken = new Set<string>();
    await new Promise<void>((resolve, reject) => {
      child.on("message", (id: string) => {
        taken.add(id);
        if (taken.size === 50) child.kill("SIGKILL");
      });
      child.on("close", (_code, signal) =>
        signal === "SIGKILL" ? resolve() : reject(new Error("It ended by itself.")),
      );
    });
    isUp = true;
    const emulator = openEmulator({ state });
    expect(emulator.endpoints.list()).toMatchObject([{ name: "survivor", secret }]);
    await emulator.idle();
    // Some arrive twice: the requests of the dead process may be read only now.
    expect([...taken].filter((id) => !handled.includes(id))).toEqual([]);
  });

  it("can be opened if it ends in the middle of a line", async () => {
    const state = newState();
    const first = openEmulator({ state });
    first.endpoints.create({ url: "http://localhost:1/", name: "whole" });
    await first.close();
    appendFileSync(state, '["endpoint/1",{"kind":"webh');
    const second = openEmulator({ state });
    expect(second.endpoints.list().map(({ name }) => name)).toEqual(["whole"]);
    second.endpoints.create({ url: "http://localhost:1/", name: "next" });
    await second.close();
    expect(
      openEmulator({ state })
        .endpoints.list()
        .map(({ name }) => name),
    ).toEqual(["whole", "next"]);
  });

  it("can be opened if it ends in the middle of a character", () => {
    const state = newState();
    writeFileSync(state, Buffer.from('["endpoint/1",{"name":"é').subarray(0, -1));
    expect(openEmulator({ state }).endpoints.list()).toEqual([]);
  });

  it.each([
    "not JSON\n",
    "{}\n",
    '[1]\n["endpoint/1"]\n',
    '{"name":"a package.json without a line break"}',
    '["a","list"]',
    '["lease/1",{}]\n',
    '["endpoint/1",{},2]\n',
    '["endpoint/1",{}\n',
  ])("is refused and left unchanged if it is another kind of file: %j", (text) => {
    const state = newState();
    writeFileSync(state, text);
    expect(() => createEmulator({ state })).toThrow(
      expect.objectContaining({
        code: "state_unusable",
        message: expect.stringMatching(
          /^Line 1 of .*: it is damaged, or was written by a newer version; .* delete this one\.$/,
        ) as string,
      }) as Error,
    );
    expect(readFileSync(state, "utf8")).toBe(text);
  });

  it("is refused and left unchanged if it is not UTF-8", () => {
    const state = newState();
    const bytes = Buffer.from('["endpoint/x",{"id":"x","kind":"webhook","name":"\xe9"}]\n', "latin1");
    writeFileSync(state, bytes);
    expect(() => createEmulator({ state })).toThrow(`${state} is not a state file`);
    expect(readFileSync(state)).toEqual(bytes);
  });

  const kept = { id: "a", copy: 1, endpointId: "x", type: "t", body: "{}", faults: [], createdAt: 1 };
  const delivery = (changes: object) => ["delivery/a/1", { ...kept, ...changes }];
  const endpoint = (changes: object) => [
    "endpoint/x",
    { id: "x", kind: "webhook", url: "http://localhost/", secret, ...changes },
  ];

  it.each([
    [["delivery/x", { id: "a" }]],
    [["delivery/x", null]],
    [["delivery/other/1", kept]],
    [delivery({ faults: [{ kind: "of_a_newer_version" }] })],
    [delivery({ faults: [null] })],
    [delivery({ faults: [{ kind: "copies", count: 1e9, timing: "together" }] })],
    [delivery({ createdAt: 1e300 })],
    [delivery({ id: "two words" })],
    [["progress/a/1", null]],
    [["progress/a/1", { failures: -1, nextAttemptAt: 1 }]],
    [["endpoint/x", 5]],
    [["endpoint/x", null]],
    [endpoint({ url: "nope" })],
    [endpoint({ kind: "queue" })],
    [endpoint({ override: { kind: "of_a_newer_version" } })],
    [endpoint({ override: 1 })],
    [endpoint({ success_count: "1" })],
    [endpoint({ scope: "scoped" })],
    [endpoint({ secret: "short" })],
  ])("is refused, left unchanged and unlocked if an entry is not valid: %j", (entry) => {
    const [key] = entry as [string];
    const state = newState();
    const text = `${JSON.stringify(entry)}\n`;
    writeFileSync(state, text);
    for (const attempt of ["first", "second"]) {
      expect(() => createEmulator({ state }), attempt).toThrow(
        `${state} has an entry that is not valid (${key}): it is damaged, or was written by a newer version; update the emulator, pass another file, or delete this one.`,
      );
    }
    expect(readFileSync(state, "utf8")).toBe(text);
  });

  it("belongs to one emulator at a time, until it is closed or its process has died", async () => {
    const state = newState();
    const first = openEmulator({ state });
    expect(() => createEmulator({ state })).toThrow(
      `${state} is in use by process ${process.pid}: stop it, or pass another file`,
    );
    await first.close();
    await openEmulator({ state }).close();
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(`${state}.lock`, String(pid));
    await openEmulator({ state }).close();
  });

  it("survives a full disk: earlier entries are kept, and the emulator continues", () => {
    const state = newState();
    const script = fileURLToPath(new URL("fixtures/fills-the-disk.mjs", import.meta.url));
    const limited = 'ulimit -S -f 16; exec "$0" "$1" "$2"';
    const { stdout, stderr, status } = spawnSync("bash", ["-c", limited, process.execPath, script, state], {
      encoding: "utf8",
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "1\n", stderr: "", status: 0 });
    const again = openEmulator({ state });
    expect(again.endpoints.list()).toMatchObject([{ name: "kept" }]);
    expect(again.deliveries.list().length).toBeGreaterThan(0);
  });

  it("is refused in a folder that does not exist", () => {
    const state = join(newState(), "missing", "state.jsonl");
    expect(() => createEmulator({ state })).toThrow(/cannot be written: pass a path in a folder that exists/);
  });

  it("does not grow with settled deliveries, and is readable by its owner only", async () => {
    const state = newState();
    const { url } = await noting();
    const emulator = openEmulator({ state });
    emulator.endpoints.create({ url, secret });
    const body = JSON.stringify({ type: "message.opened", padding: "x".repeat(1_000_000) });
    for (let count = 0; count < 12; count += 1) await emulator.emit(body)[0]!.settled;
    const { size, mode } = statSync(state);
    expect(size).toBeLessThan(9_000_000);
    expect(mode & 0o777).toBe(0o600);
    await emulator.close();
    expect(openEmulator({ state }).endpoints.list()).toMatchObject([{ success_count: 12 }]);
  });
});
