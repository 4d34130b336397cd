import { serve } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { type HttpFunction, http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { bodyParser } from "@koa/bodyparser";
import type Application from "koa";
import serverlessHttp4 from "serverless-http";
import serverlessHttp2 from "serverless-http-2";
import serverlessHttp3 from "serverless-http-3";
import { describe, expect, it } from "vitest";

import { ahaSendWebhooks } from "../src/index.js";
import { versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const path = "/webhooks/ahasend";
const event = createEvent("message.routing", { data: { subject: "grüße <&> 🐝" } });

type Lambda = (event: object) => Promise<{ statusCode: number; body: string }>;
const platforms: [string, (app: Application) => Lambda][] = [
  ["serverless-http 4", (app) => serverlessHttp4(app) as unknown as Lambda],
  ["serverless-http 3", (app) => serverlessHttp3(app) as unknown as Lambda],
  ["serverless-http 2", (app) => serverlessHttp2(app) as unknown as Lambda],
];

describe.each(versions)("Koa $version", ({ Koa }) => {
  function createApp(thrown?: Error) {
    const subjects: string[] = [];
    const errors: unknown[] = [];
    const app = new Koa();
    app.on("error", (error) => errors.push(error));
    const handle = (subject: string) => {
      if (thrown !== undefined) throw thrown;
      subjects.push(subject);
    };
    const on = { "message.routing": ({ data }: typeof event) => handle(data.subject) };
    app.use(ahaSendWebhooks({ secret, on, onOutcome: () => undefined }, { path }));
    app.use(bodyParser());
    return { app, subjects, errors };
  }

  /** Creates API Gateway events in both formats. */
  const lambdaEvents = (headers: object, body: string, isBase64Encoded: boolean) => [
    { version: "1.0", path, httpMethod: "POST", headers, body, isBase64Encoded, requestContext: {} },
    {
      version: "2.0",
      rawPath: path,
      rawQueryString: "",
      headers,
      requestContext: { http: { method: "POST", path, sourceIp: "192.0.2.1" }, stage: "$default" },
      body,
      isBase64Encoded,
    },
  ];

  describe.each(platforms)("on AWS Lambda with %s", (_platform, create) => {
    it.each([false, true])("replies to both API Gateway payloads with base64 %s", async (isBase64) => {
      const { app, subjects } = createApp();
      const lambda = create(app);
      const send = async (changed: string) => {
        const { headers, body } = signDelivery({ secret, event });
        const sent = isBase64 ? Buffer.from(body + changed).toString("base64") : body + changed;
        const replies = lambdaEvents(headers, sent, isBase64);
        return Promise.all(replies.map(async (payload) => (await lambda(payload)).statusCode));
      };
      expect(await send("")).toEqual([204, 204]);
      expect(subjects).toEqual(["grüße <&> 🐝"]);
      expect(await send(" ")).toEqual([401, 401]);
    });

    it("emits an error thrown by a handler on the app", async () => {
      const boom = new Error("boom");
      const { app, errors } = createApp(boom);
      const { headers, body } = signDelivery({ secret, event });
      const { statusCode } = await create(app)(lambdaEvents(headers, body, false)[1]!);
      expect([statusCode, errors]).toEqual([500, [boom]]);
    });
  });

  it("receives a delivery on Google Cloud Functions, where the platform has already read the body", async () => {
    const { app, subjects } = createApp();
    http("koa", app.callback() as unknown as HttpFunction);
    const url = await serve(getTestServer("koa"));
    const delivery = signDelivery({ secret, event });
    expect((await fetch(url, { method: "POST", ...delivery })).status).toBe(204);
    expect(subjects).toEqual(["grüße <&> 🐝"]);
  });
});
