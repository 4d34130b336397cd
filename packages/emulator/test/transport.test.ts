import { hostname } from "node:os";
import type { LookupFunction } from "node:net";

import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { isLoopback } from "../src/transport/loopback.js";
import { EmulatorError } from "../src/index.js";
import { noting, openEmulator, sendingTo, serve } from "./helpers.js";

const bounced = createEvent("message.bounced");

/** A resolver for one name that counts its calls. */
function resolving(name: string, ...answers: string[][]) {
  let asked = 0;
  const lookup: LookupFunction = (host, _options, callback) => {
    expect(host).toBe(name);
    const addresses = answers[Math.min(asked, answers.length - 1)]!;
    asked += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { lookup, asked: () => asked };
}

describe("without allowRemote", () => {
  it.each([
    "http://192.0.2.1/hook",
    "https://[2001:db8::1]/hook",
    "http://0.0.0.0:3000/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:192.0.2.1]/",
    "http://3221225985/",
  ])("refuses an endpoint at %s", (url) => {
    const { endpoints } = openEmulator();
    const error = expect.objectContaining({
      code: "remote_address",
      message: expect.stringMatching(/is not this machine: use localhost, or set allowRemote/) as string,
    }) as Error;
    expect(() => endpoints.create({ url })).toThrow(error);
    const { id } = endpoints.create({ url: "http://127.0.0.1/" });
    expect(() => endpoints.change(id, { url })).toThrow(EmulatorError);
  });

  it.each([
    "http://127.0.0.1:1/",
    "http://127.1.2.3/",
    "http://[::1]/",
    "http://2130706433/",
    "http://localhost/",
  ])("accepts an endpoint at %s", (url) => {
    expect(openEmulator().endpoints.create({ url }).url).toBe(url);
  });

  it("sends nothing to a host name of another machine, and does not retry", async () => {
    const { lookup, asked } = resolving("hooks.example.com", ["192.0.2.1"]);
    const { emulator, webhook } = sendingTo("http://hooks.example.com/", { lookup });
    const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(state).toBe("failed");
    expect(attempts).toMatchObject([
      {
        error: {
          code: "remote_address",
          message: expect.stringMatching(/^hooks\.example\.com \(192\.0\.2\.1\) is not/) as string,
        },
      },
    ]);
    expect(asked()).toBe(1);
    expect(webhook.error_count).toBe(1);
  });

  it("checks the addresses of the system resolver", async () => {
    const url = `http://${hostname()}:1/`;
    const { emulator } = sendingTo(url);
    const { attempts } = await emulator.emit(bounced)[0]!.settled;
    // Some machines resolve their own name to loopback: then the connection is refused by the closed port.
    expect(["remote_address", "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]).toContain(attempts[0]!.error?.code);
  });

  it("uses only the addresses of this machine if a name has several", async () => {
    const { url, arrived } = await noting();
    const { lookup } = resolving("mixed.example", ["192.0.2.1", "127.0.0.1"]);
    const { emulator } = sendingTo(url.replace("127.0.0.1", "mixed.example"), { lookup });
    expect(await emulator.emit(bounced)[0]!.settled).toMatchObject({ state: "delivered" });
    expect(arrived[0]!.headers.host).toMatch(/^mixed\.example:/);
  });

  it("refuses a host name that resolves to another machine later", async () => {
    const { url, arrived } = await noting((_request, response) =>
      response.writeHead(500, { connection: "close" }).end(),
    );
    const { lookup, asked } = resolving("rebinding.example", ["127.0.0.1"], ["192.0.2.1"]);
    const { emulator } = sendingTo(url.replace("127.0.0.1", "rebinding.example"), { lookup });
    const { attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(arrived).toHaveLength(1);
    expect(asked()).toBe(2);
    expect(attempts.map(({ response, error }) => response?.status ?? error?.code)).toEqual([
      500,
      "remote_address",
    ]);
  });

  it.each(["http://192.0.2.1/", "http://elsewhere.example/"])(
    "does not follow a redirect to %s",
    async (location) => {
      const { lookup } = resolving("elsewhere.example", ["192.0.2.1"]);
      const { url } = await noting((_request, response) => response.writeHead(307, { location }).end());
      const { emulator } = sendingTo(url, { lookup });
      const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
      expect(state).toBe("failed");
      expect(attempts).toMatchObject([
        { redirects: [{ status: 307, url: location }], error: { code: "remote_address" } },
      ]);
    },
  );

  it("sends to other machines only with allowRemote", async () => {
    const { url, arrived } = await noting();
    const { lookup, asked } = resolving("allowed.example", ["127.0.0.1"]);
    const { emulator } = sendingTo(url.replace("127.0.0.1", "allowed.example"), {
      lookup,
      allowRemote: true,
    });
    expect(emulator.endpoints.create({ url: "https://192.0.2.1/", enabled: false }).url).toContain(
      "192.0.2.1",
    );
    await emulator.emit(bounced)[0]!.settled;
    expect([arrived.length, asked()]).toEqual([1, 1]);
  });

  it("reaches a receiver on localhost at any of its addresses", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url.replace("127.0.0.1", "localhost"));
    expect(await emulator.emit(bounced)[0]!.settled).toMatchObject({ state: "delivered" });
    expect(arrived).toHaveLength(1);
  });

  it("recognises the addresses of this machine in any notation", () => {
    expect(
      ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"].map(isLoopback),
    ).toEqual(Array(5).fill(true));
    expect(
      ["128.0.0.1", "::", "::2", "::ffff:10.0.0.1", "localhost", "127.0.0.1.example"].map(isLoopback),
    ).toEqual(Array(6).fill(false));
  });
});

describe("redirects", () => {
  it.each([301, 302, 303])("%d become a GET without body", async (status) => {
    const { url, arrived } = await noting(({ url }, response) => {
      if (url === "/final") response.writeHead(200).end("a page");
      else response.writeHead(status, { location: "/final" }).end();
    });
    const { emulator } = sendingTo(url);
    const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(arrived.map(({ method, url, body }) => [method, url, body.length > 0])).toEqual([
      ["POST", "/webhooks/ahasend", true],
      ["GET", "/final", false],
    ]);
    expect(arrived[1]!.headers).not.toHaveProperty("content-type");
    expect(arrived[1]!.headers["webhook-id"]).toBe(arrived[0]!.headers["webhook-id"]);
    expect(state).toBe("delivered");
    expect(attempts).toMatchObject([
      {
        redirects: [{ status, url: new URL("/final", url).href }],
        response: { status: 200, body: "a page" },
      },
    ]);
  });

  it.each([307, 308])("%d repeat the POST", async (status) => {
    const { url, arrived } = await noting(({ url }, response) => {
      if (url === "/final") response.writeHead(204).end();
      else response.writeHead(status, { location: "/final" }).end();
    });
    const { emulator } = sendingTo(url);
    expect(await emulator.emit(bounced)[0]!.settled).toMatchObject({ state: "delivered" });
    expect(arrived.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /webhooks/ahasend",
      "POST /final",
    ]);
    expect(arrived[1]!.body).toEqual(arrived[0]!.body);
  });

  it("are followed nine times, as in Go: ten requests in all", async () => {
    const { url, arrived } = await noting((_request, response) =>
      response.writeHead(307, { location: "/again" }).end(),
    );
    const { emulator } = sendingTo(url);
    const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(state).toBe("failed");
    expect(attempts[0]).toMatchObject({
      error: {
        code: "redirect_failed",
        message: expect.stringMatching(/redirected more than 9 times: reply at the URL/) as string,
      },
    });
    expect(attempts[0]!.redirects).toHaveLength(9);
    expect(arrived).toHaveLength(6 * 10);
  });

  it.each([
    ["without a location", {}, 302],
    ["with a status that is not a redirect", { location: "/final" }, 304],
  ])("%s count as a plain reply", async (_name, headers, status) => {
    const { url } = await noting((_request, response) => response.writeHead(status, headers).end());
    const { emulator } = sendingTo(url);
    const { attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(attempts[0]).toMatchObject({ redirects: [], response: { status } });
  });

  it.each(["ftp://localhost/", "http://"])("to %s fail the attempt", async (location) => {
    const { url } = await noting((_request, response) => response.writeHead(302, { location }).end());
    const { emulator } = sendingTo(url);
    const { attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(attempts[0]!.error?.code).toBe("redirect_failed");
  });
});

describe("a reply", () => {
  it("counts even if the receiver has not read the body", async () => {
    const url = await serve((request, response) => {
      response.writeHead(413, { connection: "close" }).end("too large");
      request.resume();
    });
    const { emulator } = sendingTo(url);
    const body = JSON.stringify({ type: "message.opened", padding: "x".repeat(3_000_000) });
    const { attempts } = await emulator.emit(body)[0]!.settled;
    expect(attempts.map(({ response }) => response?.status)).toEqual(Array(6).fill(413));
  });

  it("that is missing fails the attempt", async () => {
    const url = await serve((request) => request.socket.destroy());
    const { emulator } = sendingTo(url);
    const { attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(attempts.map(({ error }) => error?.code)).toEqual(Array(6).fill("ECONNRESET"));
  });

  it("of another protocol fails the attempt", async () => {
    const url = await serve((_request, response) =>
      response.writeHead(101, { connection: "upgrade", upgrade: "x" }).end(),
    );
    const { emulator } = sendingTo(url);
    const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(state).toBe("failed");
    expect(attempts[0]!.response).toBeUndefined();
  });
});
