import { eventTypes, sign } from "@ahasend-webhooks/core";

import {
  type AdapterCase,
  type Difference,
  adapterCase,
  caseSecret,
  caseTime,
  genuine,
  refused,
  signed,
} from "./adapter-case.js";
import { createEvent } from "./event.js";
import { serialize } from "./serialize.js";

const { headers, body } = genuine;
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
    adapterCase(`handles ${type}`, signed(serialize(createEvent(type))), {
      status: 204,
      handled: [type],
    }),
  ),
  adapterCase("handles a type it does not know", signed('{"type":"message.teleported","data":{}}'), {
    status: 204,
    handled: ["message.teleported"],
  }),
  adapterCase(
    "handles the deprecated name of message.routing",
    signed('{"type":"route.message","data":{}}'),
    {
      status: 204,
      handled: ["message.routing"],
    },
  ),
  adapterCase("handles a chunked body", { request: { sending: "chunked" } }, handled),
  adapterCase("handles what a raw parser has read", { parser: "raw" }, handled),
  adapterCase(
    "handles the genuine one of several signatures",
    withHeader("webhook-signature", `v1,AAAA v2,x ${signature}`),
    handled,
  ),
  adapterCase("acknowledges a duplicate", { receiver: { state: "done" } }, acknowledged),
  adapterCase("acknowledges what has no handler", { receiver: { handler: "none" } }, acknowledged),

  adapterCase(
    "refuses another method",
    { request: { method: "PUT" } },
    refused(405, "method_not_allowed", { headers: { allow: "POST" } }),
  ),
  ...["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    adapterCase(
      `refuses a delivery without ${name}`,
      withHeader(name, undefined),
      refused(400, "missing_header"),
    ),
  ),
  adapterCase(
    "refuses an id with a space",
    withHeader("webhook-id", "msg 1"),
    refused(400, "invalid_header"),
  ),
  adapterCase(
    "refuses a header sent twice",
    withHeader("webhook-id", ["msg_1", "msg_1"]),
    refused(400, "invalid_header"),
  ),
  adapterCase(
    "refuses an odd timestamp",
    withHeader("webhook-timestamp", `+${headers["webhook-timestamp"]}`),
    refused(400, "invalid_header"),
  ),
  adapterCase(
    "refuses 20 signatures",
    withHeader("webhook-signature", Array(20).fill(signature).join(" ")),
    refused(400, "invalid_header"),
  ),
  adapterCase(
    "refuses a replay of an hour ago",
    signed(body, caseTime - 3_600_000),
    refused(401, "stale_timestamp"),
  ),
  adapterCase(
    "refuses another body",
    { request: { body: body.replace("ada@", "eve@") } },
    refused(401, "invalid_signature"),
  ),
  adapterCase(
    "refuses a body that was serialised again",
    { request: { body: JSON.stringify(JSON.parse(body)) } },
    refused(401, "invalid_signature"),
  ),
  adapterCase(
    "refuses another secret",
    withHeader(
      "webhook-signature",
      sign({ secret: `${caseSecret}x`, id: "msg_1", timestamp: caseTime / 1000, body }),
    ),
    refused(401, "invalid_signature"),
  ),
  adapterCase(
    "refuses the id of another delivery",
    withHeader("webhook-id", "msg_2"),
    refused(401, "invalid_signature"),
  ),
  adapterCase(
    "refuses an unversioned signature",
    withHeader("webhook-signature", signature.slice(3)),
    refused(401, "invalid_signature"),
  ),
  adapterCase("refuses an empty body", signed(""), refused(400, "invalid_payload")),
  adapterCase(
    "refuses a body that is no JSON",
    signed("type=message.bounced"),
    refused(400, "invalid_payload"),
  ),
  adapterCase(
    "refuses a compressed body",
    { request: { headers: { "content-encoding": "gzip" } } },
    refused(415, "unsupported_encoding"),
  ),

  adapterCase(
    "refuses a body declared too large, unread",
    { receiver: { options: { maxBodyBytes: 100 } }, request: { sending: "unsent" } },
    refused(413, "body_too_large", { closes: true }),
  ),
  adapterCase(
    "cuts off a chunked body that is too large",
    { receiver: { options: { maxBodyBytes: 100 } }, request: { sending: "chunked" } },
    refused(413, "body_too_large", { closes: true }),
  ),
  adapterCase(
    "gives up a body that does not arrive",
    { receiver: { options: { bodyTimeoutSeconds: 0.02 } }, request: { sending: "stalled" } },
    refused(408, "body_timeout", { closes: true }),
  ),
  adapterCase(
    "puts a body off when the memory is used up",
    {
      receiver: {
        state: "full",
        options: { maxBodyBytes: 1000, maxInFlightBytes: 2500, bodyTimeoutSeconds: 3 },
      },
    },
    refused(503, "overloaded", { headers: { "retry-after": "5" }, closes: true }),
  ),
  adapterCase(
    "refuses what a JSON parser has eaten",
    { parser: "json" },
    refused(500, "body_already_parsed"),
  ),

  adapterCase(
    "asks for a retry when the handler throws",
    { receiver: { handler: "throws" } },
    refused(500, "handler_failed", { handled: ["message.bounced"] }),
  ),
  adapterCase(
    "asks for a retry when the handler takes too long",
    { receiver: { handler: "hangs", options: { deadlineSeconds: 0.02 } } },
    refused(503, "deadline_exceeded", { handled: ["message.bounced"], headers: { "retry-after": "5" } }),
  ),
  adapterCase(
    "asks for a retry while a copy is in flight",
    { receiver: { state: "in_flight", options: { inFlightWaitSeconds: 0 } } },
    refused(409, "in_flight", { headers: { "retry-after": "15" } }),
  ),
  adapterCase(
    "asks for a retry when the store is down",
    { receiver: { state: "store_down" } },
    refused(503, "store_unavailable", { headers: { "retry-after": "5" } }),
  ),
  adapterCase(
    "asks for a retry when it is closing",
    { receiver: { state: "closed" } },
    refused(503, "closing", { headers: { "retry-after": "1" }, closes: true }),
  ),
];
