import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { createEvent } from "@ahasend-webhooks/testing";
import { expect, it, vi } from "vitest";

import { receiving, secret } from "../helpers.js";
import { Program, files, run } from "./program.js";

interface Serving {
  url: string;
  endpoints: { id: string; kind: string; url: string; secret: string }[];
}

/** Starts `dev`, and waits until it prints the URL of the page. */
async function serving(args: string[], env: Record<string, string> = {}) {
  const { file } = files({ file: "" });
  const program = new Program(["dev", "--json", ...args], { env: { XDG_STATE_HOME: dirname(file), ...env } });
  await program.prints("\n");
  const stop = async () => {
    program.signal("SIGINT");
    return program.ended();
  };
  return { ...(program.data[0] as unknown as Serving), stop };
}

it("serves the page, delivers with the secret, and ends cleanly with Ctrl+C", async () => {
  const { url: to, handled } = await receiving();
  const { url, endpoints, stop } = await serving(["--to", to], { AHASEND_WEBHOOK_SECRET: secret });
  expect(new URL(url).hostname).toBe("127.0.0.1");
  expect(new URL(url).port).toMatch(/^45\d\d$/);
  expect(endpoints).toMatchObject([
    { kind: "webhook", url: to, secret },
    { kind: "route", url: to, secret },
  ]);
  expect(await (await fetch(url)).text()).toContain("<title>AhaSend emulator</title>");
  for (const type of ["message.opened", "message.routing"] as const) {
    await fetch(new URL("/api/events", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: createEvent(type) }),
    });
  }
  await vi.waitFor(() => {
    expect(handled.map(({ type }) => type).toSorted()).toEqual(["message.opened", "message.routing"]);
  }, 20_000);
  expect(await stop()).toBe(0);
});

it("uses the next free port, unless a port was chosen", async () => {
  const [first, second] = [await serving([]), await serving([])];
  expect(second.url).not.toBe(first.url);
  const { port } = new URL(first.url);
  const { status, stderr } = await run(["dev", "--port", port]);
  expect(stderr).toBe(
    `error: Port ${port} is not available (EADDRINUSE): choose another --port (0 for any free one).\n`,
  );
  expect(status).toBe(2);
});

it("prints the URL of the page, the secret and the next step", async () => {
  const program = new Program(["dev", "--port", "0", "--to", "http://localhost:9/hooks"]);
  await program.prints("Ctrl+C");
  program.signal("SIGTERM");
  expect(await program.ended()).toBe(0);
  expect(program.stdout.split("\n")).toEqual([
    expect.stringMatching(/^The emulator is running at http:\/\/127\.0\.0\.1:\d+\/$/),
    "Delivering to http://localhost:9/hooks. For the environment of your app, such as its .env:",
    "",
    `  AHASEND_WEBHOOK_SECRET=${secret}`,
    "",
    expect.stringContaining("send, scenario, check or listen"),
    "Send events on the page. Press Ctrl+C to stop.",
    "",
  ]);
});

it("signs with the same secret at every start, so that it is copied into the app once", async () => {
  const folder = dirname(files({ file: "" }).file);
  const env = { XDG_STATE_HOME: folder };
  const start = async (path: string) => {
    const { endpoints, stop } = await serving(["--port", "0", "--to", path], env);
    await stop();
    return endpoints.map((endpoint) => endpoint.secret);
  };
  const first = await start("http://localhost:9/hooks");
  expect(first[0]).toMatch(/^aha-whsec-[\w-]{32}$/);
  expect(await start("http://localhost:9/others")).toEqual(first);
  const file = join(folder, "ahasend-webhooks", "dev-secret");
  expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual([`${first[0]}\n`, 0o600]);
});

it("starts with a new secret, and says so, when it cannot be kept", async () => {
  const { file } = files({ file: "" });
  const program = new Program(["dev", "--port", "0", "--to", "http://localhost:9/hooks"], {
    env: { XDG_STATE_HOME: file },
  });
  await program.prints("Ctrl+C");
  expect(program.stdout).toMatch(/^ {2}AHASEND_WEBHOOK_SECRET=aha-whsec-[\w-]{32}$/m);
  expect(program.stdout).toContain(`The secret is a new one at each start, because ${file}`);
});

it.skipIf(process.platform !== "linux")("opens the page in a browser with --open", async () => {
  const { opened } = files({ opened: "" });
  const folder = dirname(opened);
  writeFileSync(join(folder, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > ${opened}\n`, { mode: 0o700 });
  const { url } = await serving(["--port", "0", "--open"], { PATH: `${folder}:${process.env["PATH"]}` });
  await vi.waitFor(() => expect(readFileSync(opened, "utf8")).toBe(url), 20_000);
});

it("continues with the endpoints in the state file", async () => {
  const { state } = files({ state: "" });
  const args = ["--port", "0", "--state", state, "--to", "http://localhost:9/hooks"];
  const first = await serving(args);
  await first.stop();
  const second = await serving(args);
  expect(second.endpoints).toEqual(first.endpoints);
  await second.stop();
  const third = await serving([...args, "--secret", secret]);
  expect(third.endpoints).toEqual(first.endpoints.map((endpoint) => ({ ...endpoint, secret })));
});

it("delivers to other machines only with --allow-remote", async () => {
  const args = ["--port", "0", "--to", "http://192.0.2.1/hooks"];
  const { status, stderr } = await run(["dev", ...args]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("use --allow-remote")]);
  const { endpoints, stop } = await serving([...args, "--allow-remote"]);
  expect(endpoints).toHaveLength(2);
  expect(await stop()).toBe(0);
});

it.each([
  [
    "has a fault of a newer version",
    '["delivery/a/1",{"id":"a","copy":1,"endpointId":"x","type":"","body":"","faults":[{"kind":"newer"}],"createdAt":1}]\n',
  ],
  ["has a damaged entry", '["delivery/a/1",null]\n'],
  ["is something else", '{"name":"a project"}'],
])("reports a state file that %s in one line, and does not change it", async (_what, text) => {
  const { state } = files({ state: text });
  const { status, stdout, stderr } = await run(["dev", "--port", "0", "--state", state]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error: .*state.* a newer version.* delete this one\.\n$/);
  expect(stderr).toContain(state);
  expect(readFileSync(state, "utf8")).toBe(text);
});
