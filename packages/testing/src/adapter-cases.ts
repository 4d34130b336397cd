import { eventTypes, sign } from "@ahasend-webhooks/core";

import {
  type AdapterCase,
  type Difference,
  createCase,
  caseSecret,
  caseTime,
  genuineDelivery,
  createRefusal,
  withSignedBody,
} from "./adapter-case.js";
import { createEvent } from "./create-event.js";
import { serialize } from "./serialize.js";

const { headers, body } = genuineDelivery;
const signature = headers["webhook-signature"];
const acknowledged = { status: 204, handled: [] };
const handled = { status: 204, handled: ["message.bounced"] };
const withHeader = (name: string, value: string | readonly string[] | undefined): Difference => ({
  request: { headers: { [name]: value } },
});

/**
 * Every outcome of a request, with the status and the code it must get, whatever the framework.
 *
 * @example
 * it.each(adapterCases)("$name", async (adapterCase) => {
 *   const { receiver, handled, remembered } = await prepareCase(adapterCase);
 *   const answer = await sendCase(await listen(receiver, adapterCase.parser), adapterCase);
 *   expect(answer).toMatchObject(adapterCase.expected);
 *   expect(handled).toEqual(adapterCase.handled);
 *   expect(remembered()).toBe(adapterCase.remembered);
 * });
 */
export const adapterCases: readonly AdapterCase[] = [
  ...eventTypes.map((type) =>
    createCase(`handles ${type}`, withSignedBody(serialize(createEvent(type))), {
      status: 204,
      handled: [type],
    }),
  ),
  createCase("handles a type it does not know", withSignedBody('{"type":"message.teleported","data":{}}'), {
    status: 204,
    handled: ["message.teleported"],
  }),
  createCase(
    "handles the deprecated name of message.routing",
    withSignedBody('{"type":"route.message","data":{}}'),
    {
      status: 204,
      handled: ["message.routing"],
    },
  ),
  createCase("handles a chunked body", { request: { sending: "chunked" } }, handled),
  createCase("handles what a raw parser has read", { parser: "raw" }, handled),
  createCase(
    "handles the genuine one of several signatures",
    withHeader("webhook-signature", `v1,AAAA v2,x ${signature}`),
    handled,
  ),
  createCase("acknowledges a duplicate", { receiver: { state: "done" } }, acknowledged),
  createCase("acknowledges what has no handler", { receiver: { handler: "none" } }, acknowledged),

  createCase(
    "refuses another method",
    { request: { method: "PUT" } },
    createRefusal(405, "method_not_allowed", { headers: { allow: "POST" } }),
  ),
  ...["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    createCase(
      `refuses a delivery without ${name}`,
      withHeader(name, undefined),
      createRefusal(400, "missing_header"),
    ),
  ),
  createCase(
    "refuses an id with a space",
    withHeader("webhook-id", "msg 1"),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses a header sent twice",
    withHeader("webhook-id", ["msg_1", "msg_1"]),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses an odd timestamp",
    withHeader("webhook-timestamp", `+${headers["webhook-timestamp"]}`),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses 20 signatures",
    withHeader("webhook-signature", Array(20).fill(signature).join(" ")),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses a replay of an hour ago",
    withSignedBody(body, caseTime - 3_600_000),
    createRefusal(401, "stale_timestamp"),
  ),
  createCase(
    "refuses another body",
    { request: { body: body.replace("ada@", "eve@") } },
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses a body that was serialised again",
    { request: { body: JSON.stringify(JSON.parse(body)) } },
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses another secret",
    withHeader(
      "webhook-signature",
      sign({ secret: `${caseSecret}x`, id: "msg_1", timestamp: caseTime / 1000, body }),
    ),
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses the id of another delivery",
    withHeader("webhook-id", "msg_2"),
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses an unversioned signature",
    withHeader("webhook-signature", signature.slice(3)),
    createRefusal(401, "invalid_signature"),
  ),
  createCase("refuses an empty body", withSignedBody(""), createRefusal(400, "invalid_payload")),
  createCase(
    "refuses a body that is no JSON",
    withSignedBody("type=message.bounced"),
    createRefusal(400, "invalid_payload"),
  ),
  createCase(
    "refuses a compressed body",
    { request: { headers: { "content-encoding": "gzip" } } },
    createRefusal(415, "unsupported_encoding"),
  ),

  createCase(
    "refuses a body declared too large, unread",
    { receiver: { options: { maxBodyBytes: 100 } }, request: { sending: "unsent" } },
    createRefusal(413, "body_too_large", { closes: true }),
  ),
  createCase(
    "cuts off a chunked body that is too large",
    { receiver: { options: { maxBodyBytes: 100 } }, request: { sending: "chunked" } },
    createRefusal(413, "body_too_large", { closes: true }),
  ),
  createCase(
    "gives up a body that does not arrive",
    { receiver: { options: { bodyTimeoutSeconds: 0.02 } }, request: { sending: "stalled" } },
    createRefusal(408, "body_timeout", { closes: true }),
  ),
  createCase(
    "puts a body off when the memory is used up",
    {
      receiver: {
        state: "full",
        options: { maxBodyBytes: 1000, maxInFlightBytes: 2500, bodyTimeoutSeconds: 3 },
      },
    },
    createRefusal(503, "overloaded", { headers: { "retry-after": "5" }, closes: true }),
  ),
  createCase(
    "refuses what a JSON parser has eaten",
    { parser: "json" },
    createRefusal(500, "body_already_parsed"),
  ),

  createCase(
    "asks for a retry when the handler throws",
    { receiver: { handler: "throws" } },
    createRefusal(500, "handler_failed", { handled: ["message.bounced"] }),
  ),
  createCase(
    "asks for a retry when the handler takes too long",
    { receiver: { handler: "hangs", options: { deadlineSeconds: 0.02 } } },
    createRefusal(503, "deadline_exceeded", {
      handled: ["message.bounced"],
      headers: { "retry-after": "5" },
    }),
  ),
  createCase(
    "asks for a retry while a copy is in flight",
    { receiver: { state: "in_flight", options: { inFlightWaitSeconds: 0 } } },
    createRefusal(409, "in_flight", { headers: { "retry-after": "15" } }),
  ),
  createCase(
    "asks for a retry when the store is down",
    { receiver: { state: "store_down" } },
    createRefusal(503, "store_unavailable", { headers: { "retry-after": "5" } }),
  ),
  createCase(
    "asks for a retry when it is closing",
    { receiver: { state: "closed" } },
    createRefusal(503, "closing", { headers: { "retry-after": "1" }, closes: true }),
  ),
];
