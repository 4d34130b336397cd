import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { serve } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import vendia from "@vendia/serverless-express";
import type { Express } from "express";
import serverlessHttp4 from "serverless-http";
import serverlessHttp2 from "serverless-http-2";
import serverlessHttp3 from "serverless-http-3";
import { describe, expect, it } from "vitest";

import { ahaSendWebhooks } from "../src/index.js";
import { versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const path = "/webhooks/ahasend";

interface LambdaReply {
  statusCode: number;
  body: string;
}

type Lambda = (event: object, context: object) => Promise<LambdaReply>;

const platforms: Record<string, (app: Express) => Lambda> = {
  "serverless-http 4": (app) => serverlessHttp4(app) as unknown as Lambda,
  "serverless-http 3": (app) => serverlessHttp3(app) as unknown as Lambda,
  "serverless-http 2": (app) => serverlessHttp2(app) as unknown as Lambda,
  "@vendia/serverless-express": (app) => (vendia as unknown as (options: object) => Lambda)({ app }),
};

/** Creates the API Gateway events of a request with this body. */
const payloads = {
  "payload 1.0": (headers: object, body: string, isBase64Encoded: boolean) => ({
    version: "1.0",
    resource: path,
    path,
    httpMethod: "POST",
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    requestContext: { identity: { sourceIp: "192.0.2.1" }, path, stage: "prod" },
    body,
    isBase64Encoded,
  }),
  "payload 2.0": (headers: object, body: string, isBase64Encoded: boolean) => ({
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers,
    requestContext: { http: { method: "POST", path, sourceIp: "192.0.2.1" }, stage: "$default" },
    body,
    isBase64Encoded,
  }),
};

describe.each(versions)("Express $version", ({ express }) => {
  function createApp() {
    const subjects: string[] = [];
    const app = express();
    app.post(
      path,
      ahaSendWebhooks({
        secret,
        on: { "message.routing": ({ data }) => void subjects.push(data.subject) },
        onOutcome: () => undefined,
      }),
    );
    app.use(express.json());
    return { app, subjects };
  }

  const event = createEvent("message.routing", { data: { subject: "grüße <&> 🐝" } });

  describe.each(Object.entries(platforms))("on AWS Lambda with %s", (_platform, create) => {
    const rows = Object.entries(payloads).flatMap(([name, payload]) =>
      ([false, true] as const).map((isBase64) => ({ name, payload, isBase64 })),
    );

    it.each(rows)("replies to API Gateway $name with base64 $isBase64", async ({ payload, isBase64 }) => {
      const { app, subjects } = createApp();
      const lambda = create(app);
      const { headers, body } = signDelivery({ secret, event });
      const send = (sent: string) =>
        lambda(payload(headers, isBase64 ? Buffer.from(sent).toString("base64") : sent, isBase64), {});
      expect(await send(body)).toMatchObject({ statusCode: 204, body: "" });
      expect(subjects).toEqual(["grüße <&> 🐝"]);
      const { statusCode, body: refusal } = await send(`${body} `);
      expect([statusCode, JSON.parse(refusal)]).toEqual([401, { code: "invalid_signature" }]);
    });
  });

  it("receives a delivery on Google Cloud Functions, where the platform has already read the body", async () => {
    const { app, subjects } = createApp();
    http("express", app);
    const url = await serve(getTestServer("express"));
    const delivery = signDelivery({ secret, event });
    expect((await fetch(url, { method: "POST", ...delivery })).status).toBe(204);
    expect(subjects).toEqual(["grüße <&> 🐝"]);
  });
});
