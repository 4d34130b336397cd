import { once } from "node:events";
import { Agent, type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { runInNewContext } from "node:vm";

import { describe, expect, it, onTestFinished, vi } from "vitest";

import { createReceiver } from "../src/index.js";
import { nodeHandler, nodeRequest, sealResponse, toReceiver, writeReply } from "../src/node.js";
import { bounced, delivery, recording } from "./helpers.js";

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Serves a listener until the test has finished; returns its URL. */
async function serve(listener: Listener, options = {}): Promise<string> {
  const server = createServer(options, (request, response) => void listener(request, response));
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A handler of a receiver, and the outcomes of the receiver. */
function createHandler(handle: () => unknown = () => undefined) {
  const { options, outcomes } = recording({ "*": handle });
  return { handler: nodeHandler(createReceiver(options)), outcomes };
}

const post = (url: string, body = bounced) =>
  fetch(url, { method: "POST", ...delivery(body), signal: AbortSignal.timeout(10_000) });

describe("a HEAD request", () => {
  it.each([true, false])(
    "gets the head of the refusal and no body where rejectNonStandardBodyWrites is %s",
    async (rejectNonStandardBodyWrites) => {
      const url = await serve(createHandler().handler, { rejectNonStandardBodyWrites });
      const response = await fetch(url, { method: "HEAD" });
      expect([response.status, response.headers.get("allow"), await response.text()]).toEqual([
        405,
        "POST",
        "",
      ]);
    },
  );

  it("sends no body to HEAD over HTTP/2", async () => {
    const { handler } = createHandler();
    const http2 = createHttp2Server((request, response) => void handler(request, response));
    http2.listen(0, "127.0.0.1");
    await once(http2, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      http2.close();
    });
    const stream = session.request({ ":method": "HEAD", ":path": "/" }).end();
    expect((await once(stream, "response"))[0]).toMatchObject({ ":status": 405 });
    expect(await text(stream)).toBe("");
  });
});

describe("a response that cannot be written", () => {
  const breaks: [string, (response: ServerResponse) => void][] = [
    ["writeHead", (response) => (response.writeHead = fail)],
    ["end", (response) => (response.end = fail)],
  ];
  const fail = () => {
    throw Object.defineProperty(new Error("middleware failed"), "name", {
      get: () => {
        throw new Error("hostile");
      },
    });
  };

  it.each(breaks)("closes a response whose %s throws, with a warning", async (_method, breakIt) => {
    const warned = once(process, "warning");
    const { handler } = createHandler();
    const url = await serve(async (request, response) => {
      breakIt(response);
      await expect(handler(request, response)).resolves.toBeUndefined();
    });
    await expect(post(url)).rejects.toThrow("fetch failed");
    expect(String((await warned)[0])).toContain("could not be written");
  });

  it("closes the response if a custom receiver rejects", async () => {
    const warned = once(process, "warning");
    const receiver = {
      ...createReceiver(recording({}).options),
      receive: () => Promise.reject(new Error("no receiver")),
    };
    const url = await serve(nodeHandler(receiver));
    await expect(post(url)).rejects.toThrow("fetch failed");
    expect(String((await warned)[0])).toContain("no receiver");
  });

  it("leaves a response alone if another reply was written", async () => {
    const url = await serve((request, response) => {
      response.writeHead(503).end("timeout");
      void createHandler().handler(request, response);
    });
    const response = await post(url);
    expect([response.status, await response.text()]).toEqual([503, "timeout"]);
  });
});

describe("a response that has been written", () => {
  it("ignores later writes to a sealed response, and calls back", async () => {
    const errors = vi.fn();
    const calledBack = vi.fn();
    const { handler } = createHandler();
    const url = await serve(async (request, response) => {
      response.on("error", errors);
      await handler(request, response);
      sealResponse(response);
      response.statusCode = 500;
      response.setHeader("set-cookie", "a=b").appendHeader("set-cookie", "c=d");
      response.removeHeader("date");
      response.writeHead(200, { "x-late": "1" });
      expect(response.write("late", calledBack)).toBe(true);
      expect(response.end("late", calledBack)).toBe(response);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const isReused of [false, true]) {
      const { headers, body } = delivery();
      const outgoing = request(url, { method: "POST", headers, agent }).end(body);
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      expect([response.statusCode, await text(response)]).toEqual([204, ""]);
      expect(response.headers).not.toHaveProperty("x-late");
      expect(outgoing.reusedSocket).toBe(isReused);
    }
    agent.destroy();
    expect(errors).not.toHaveBeenCalled();
    expect(calledBack).toHaveBeenCalledTimes(4);
  });

  it("ignores later writes while a refused sender is still sending", async () => {
    const { handler } = createHandler();
    const written = vi.fn();
    const url = await serve((request, response) => {
      const writeLate = () => {
        if (!response.headersSent) return setImmediate(writeLate);
        response.setHeader("x-late", "1");
        response.end("late");
        return written();
      };
      writeLate();
      return handler(request, response);
    });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n");
    const answer = text(socket);
    await vi.waitFor(() => expect(written).toHaveBeenCalledOnce());
    socket.end("0123456789");
    expect(await answer).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\n\{"code":"missing_header"\}$/s);
    expect(await answer).not.toContain("late");
  });

  it("ends a response whose end is delayed by middleware", async () => {
    const { handler } = createHandler();
    const url = await serve((request, response) => {
      const end = response.end.bind(response);
      let isSaved = false;
      // As session middleware does: save first, then end by the method it finds.
      response.end = ((chunk?: string) => {
        if (isSaved) return chunk === undefined ? end() : end(chunk);
        isSaved = true;
        setImmediate(() => response.end(chunk));
        return response;
      }) as typeof response.end;
      return handler(request, response);
    });
    expect((await post(url)).status).toBe(204);
  });

  it("removes the body headers that middleware has set", async () => {
    const { handler } = createHandler();
    const url = await serve((request, response) => {
      response.setHeader("content-type", "text/html").setHeader("content-length", "5");
      response.setHeader("content-encoding", "gzip").setHeader("x-kept", "yes");
      return handler(request, response);
    });
    const accepted = await post(url);
    expect(Object.fromEntries(accepted.headers)).toMatchObject({ "x-kept": "yes" });
    for (const name of ["content-type", "content-length", "content-encoding"])
      expect(accepted.headers.get(name)).toBeNull();
    const refused = await fetch(url, { method: "POST" });
    expect([refused.status, await refused.json()]).toEqual([400, { code: "missing_header" }]);
  });

  it("frames the body of a reply without content-length", async () => {
    const url = await serve((request, response) =>
      writeReply(request, response, { status: 400, headers: {}, body: "no" }),
    );
    const response = await post(url);
    expect([response.status, await response.text()]).toEqual([400, "no"]);
  });
});

describe("nodeHandler", () => {
  it("resolves when the reply has been written, as the pages router of Next.js expects", async () => {
    const written: unknown[] = [];
    const { handler } = createHandler();
    const url = await serve(async (request, response) => {
      await handler(request, response);
      written.push(response.headersSent, response.writableEnded);
    });
    expect((await post(url)).status).toBe(204);
    await vi.waitFor(() => expect(written).toEqual([true, true]));
  });
});

describe("a sender that does not stop after a refusal", () => {
  it("cuts off a refused sender after the size of the largest delivery", async () => {
    let read = 0;
    const { handler } = createHandler();
    const url = await serve((request, response) => {
      request.on("data", (chunk: Uint8Array) => (read += chunk.length));
      request.pause();
      return handler(request, response);
    });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000000\r\n\r\n");
    const chunk = Buffer.alloc(1_000_000);
    const pump = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", pump);
    socket.resume();
    pump();
    await closed;
    expect(read).toBeGreaterThan(30_000_000);
    expect(read).toBeLessThan(40_000_000);
  });
});

describe("nodeRequest", () => {
  const incoming = { headers: { "webhook-id": "msg_1" }, rawHeaders: [] } as unknown as IncomingMessage;

  it("leaves out the empty rawHeaders of emulated requests", () => {
    expect(nodeRequest(incoming)).toMatchObject({ headers: incoming.headers, rawHeaders: undefined });
  });

  it.each<[string, object, object]>([
    ["a kept rawBody", { rawBody: "kept" }, { rawBody: "other" }],
    ["a kept body", { body: "kept" }, { rawBody: "other" }],
    ["the rawBody of the request", { body: { parsed: true } }, { rawBody: "kept", body: {} }],
    ["the body of the request", {}, { body: "kept" }],
  ])("reads %s", (_where, kept, own) => {
    expect(nodeRequest(Object.assign(Object.create(incoming), own), kept).body).toBe("kept");
  });

  it("accepts bytes of another realm", () => {
    const bytes: unknown = runInNewContext("new Uint8Array([123, 125])");
    expect(nodeRequest(incoming, { rawBody: bytes }).body).toBe(bytes);
  });
});

describe("toReceiver", () => {
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["string", "aha-whsec"],
    ["function", () => undefined],
    ["an array", []],
    ["a promise (await it first)", Promise.resolve(createReceiver(recording({}).options))],
  ])("refuses %s in place of a receiver", (what, given) => {
    expect(() => toReceiver(given as never)).toThrow(`Expected a receiver or its options, got ${what}:`);
  });
});
