import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";

import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { NestFactory } from "@nestjs/core";
import { generate } from "selfsigned";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type EmulatorOptions, checkEndpoint, createEmulator } from "../src/index.js";
import { Program, files, run, runProcess } from "./cli/program.js";
import { secret, sendingTo } from "./helpers.js";

/** A self-signed certificate, as mkcert and Vite create. */
let certificate: { key: string; cert: string };

beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  certificate = { key, cert };
});

const receiver = (): RequestListener =>
  nodeHandler(createReceiver({ secret, on: { "*": () => undefined }, onOutcome: () => undefined }));

async function listening(): Promise<{ server: Server; url: string }> {
  const server = createServer(certificate, receiver()).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return { server, url: `https://localhost:${(server.address() as AddressInfo).port}/webhooks/ahasend` };
}

describe("a receiver with a self-signed certificate", () => {
  it("gets nothing, and the error names both ways to trust it", async () => {
    const { url } = await listening();
    const { emulator } = sendingTo(url);
    const { state, attempts } = await emulator.emit(createEvent("message.opened"))[0]!.settled;
    expect(state).toBe("failed");
    expect(attempts[0]!.error).toEqual({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
      message:
        "self-signed certificate (start with NODE_EXTRA_CA_CERTS=ca.pem to trust its issuer, or set insecure on this machine)",
    });
  });

  it("gets events with the option insecure", async () => {
    const { url } = await listening();
    const { emulator } = sendingTo(url, { insecure: true });
    expect(await emulator.emit(createEvent("message.opened"))[0]!.settled).toMatchObject({
      state: "delivered",
      attempts: { length: 1 },
    });
  });

  it("can be checked with the option insecure, including large bodies and effects", async () => {
    const { url } = await listening();
    const only = ["reach/genuine", "limits/too-large-declared"];
    const strict = await checkEndpoint({ url, secret, only });
    expect(strict.results[0]).toMatchObject({
      verdict: "failed",
      observed: expect.stringContaining("NODE_EXTRA_CA_CERTS") as string,
    });
    const { results } = await checkEndpoint({ url, secret, only, insecure: true });
    expect(results.map(({ verdict }) => verdict)).toEqual(["passed", "passed"]);
  });
});

describe("insecure", () => {
  it.each<[EmulatorOptions, RegExp]>([
    [{ insecure: true, allowRemote: true }, /insecure is for this machine only: leave out allowRemote/],
    [{ insecure: "yes" as unknown as boolean }, /insecure must be true or false/],
  ])("is refused in %j", (options, message) => {
    expect(() => createEmulator(options)).toThrow(message);
  });

  it("does not allow requests to other machines", () => {
    const emulator = createEmulator({ insecure: true });
    onTestFinished(() => emulator.close());
    expect(() => emulator.endpoints.create({ url: "https://192.0.2.1/" })).toThrow(/is not this machine/);
  });
});

describe("connect", () => {
  it.each(["that listens already", "that does not listen yet"])(
    "delivers to a server of node:https %s",
    async (which) => {
      const server =
        which === "that listens already" ? (await listening()).server : createServer(certificate, receiver());
      const sender = await createEmulator({ secret }).connect(server);
      onTestFinished(() => sender.close());
      expect(sender.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/webhooks\/ahasend$/);
      for (const type of ["message.opened", "message.routing"] as const) {
        expect(await sender.deliver(type)).toMatchObject({ state: "delivered", attempts: { length: 1 } });
      }
    },
  );

  it("delivers to a Nest application with httpsOptions", async () => {
    const AppModule = class {
      readonly name = "app";
    };
    const app = await NestFactory.create({ module: AppModule }, { logger: false, httpsOptions: certificate });
    app.use("/webhooks/ahasend", receiver());
    const sender = await createEmulator({ secret }).connect(app);
    onTestFinished(() => sender.close());
    expect(await sender.deliver("message.bounced")).toMatchObject({ state: "delivered" });
  });

  it("does not trust the certificate of a URL", async () => {
    const { url } = await listening();
    const sender = await createEmulator({ secret }).connect(url);
    onTestFinished(() => sender.close());
    expect(await sender.deliver("message.bounced")).toMatchObject({ state: "failed" });
  });
});

describe("the command line", () => {
  it("delivers with --insecure, or with a certificate that NODE_EXTRA_CA_CERTS names", async () => {
    const { url } = await listening();
    const send = ["send", "message.opened", "--to", url];
    expect((await run([...send, "--insecure"])).status).toBe(0);
    const { ca } = files({ ca: certificate.cert });
    const env = { AHASEND_WEBHOOK_SECRET: secret, NODE_EXTRA_CA_CERTS: ca };
    // Node.js reads it when it starts.
    expect((await runProcess(send, { env })).status).toBe(0);
    const refused = await run([...send, "--speed", "Infinity"]);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain("NODE_EXTRA_CA_CERTS");
  });

  it("forwards with --insecure", async () => {
    const { url } = await listening();
    const program = new Program(["listen", "--port", "0", "--json", "--forward-to", url, "--insecure"]);
    await program.prints('"kind":"listening"');
    const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
    const reply = await fetch(String(program.data[0]!["url"]), { method: "POST", headers, body });
    expect(reply.status).toBe(204);
  });

  it("refuses --insecure together with --allow-remote", async () => {
    const { status, stderr } = await run([
      "send",
      "message.opened",
      "--to",
      "https://localhost:1/",
      "--insecure",
      "--allow-remote",
    ]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("--insecure") as string]);
  });
});
