import { eventTypes, sign } from "@ahasend-webhooks/core";

import {
  type AdapterCase,
  createCase,
  caseSecret,
  caseTime,
  genuineDelivery,
  createRefusal,
  withHeader,
  withSignedBody,
} from "./adapter-case.js";
import { createEvent } from "./events/create-event.js";
import { serialize } from "./events/serialize.js";

const { headers, body } = genuineDelivery;
const signature = headers["webhook-signature"];
const acknowledgement = { status: 204, handled: [] };
const createSuccess = (type: string) => ({ status: 204, handled: [type] });
const success = createSuccess("message.bounced");
/**
 * Requests for every outcome of a receiver, with the status and code that they must get behind any framework.
 *
 * @example
 * it.each(adapterCases)("$name", async (adapterCase) => {
 *   const { receiver, handled, remembered } = await prepareCase(adapterCase);
 *   const reply = await sendCase(await listen(receiver, adapterCase.parser), adapterCase);
 *   expect(reply).toMatchObject(adapterCase.expected);
 *   expect(handled).toEqual(adapterCase.handled);
 *   expect(remembered()).toBe(adapterCase.remembered);
 * });
 */
export const adapterCases: readonly AdapterCase[] = [
  ...eventTypes.map((type) =>
    createCase(
      `handles an event of the type ${type}`,
      withSignedBody(serialize(createEvent(type))),
      createSuccess(type),
    ),
  ),
  createCase(
    "handles an event of an unknown type",
    withSignedBody('{"type":"message.teleported","data":{}}'),
    createSuccess("message.teleported"),
  ),
  createCase(
    "handles route.message, the deprecated name of message.routing",
    withSignedBody('{"type":"route.message","data":{}}'),
    createSuccess("message.routing"),
  ),
  createCase("handles a delivery with a chunked body", { request: { sending: "chunked" } }, success),
  createCase("handles a body that a raw body parser has read", { parser: "raw" }, success),
  createCase(
    "handles a delivery with one valid signature among several",
    withHeader("webhook-signature", `v1,AAAA v2,x ${signature}`),
    success,
  ),
  createCase(
    "acknowledges a duplicate without calling the handler",
    { receiver: { state: "done" } },
    acknowledgement,
  ),
  createCase("acknowledges an event that has no handler", { receiver: { handler: "none" } }, acknowledgement),
  createCase(
    "refuses a method other than POST",
    { request: { method: "PUT" } },
    createRefusal(405, "method_not_allowed", { headers: { allow: "POST" } }),
  ),
  ...["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    createCase(
      `refuses a delivery without the header ${name}`,
      withHeader(name, undefined),
      createRefusal(400, "missing_header"),
    ),
  ),
  createCase(
    "refuses a webhook-id that contains a space",
    withHeader("webhook-id", "msg 1"),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses a delivery with two webhook-id headers",
    withHeader("webhook-id", ["msg_1", "msg_1"]),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses a webhook-timestamp with a leading plus sign",
    withHeader("webhook-timestamp", `+${headers["webhook-timestamp"]}`),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses a webhook-signature with 20 entries",
    withHeader("webhook-signature", Array(20).fill(signature).join(" ")),
    createRefusal(400, "invalid_header"),
  ),
  createCase(
    "refuses a delivery that was signed an hour ago",
    withSignedBody(body, caseTime - 3_600_000),
    createRefusal(401, "stale_timestamp"),
  ),
  createCase(
    "refuses a body that was changed after signing",
    { request: { body: body.replace("ada@", "eve@") } },
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses a body that was parsed and serialized again",
    { request: { body: JSON.stringify(JSON.parse(body)) } },
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses a delivery that was signed with another secret",
    withHeader(
      "webhook-signature",
      sign({ secret: `${caseSecret}x`, id: "msg_1", timestamp: caseTime / 1000, body }),
    ),
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses a delivery that has the webhook-id of another one",
    withHeader("webhook-id", "msg_2"),
    createRefusal(401, "invalid_signature"),
  ),
  createCase(
    "refuses a signature without its version prefix",
    withHeader("webhook-signature", signature.slice(3)),
    createRefusal(401, "invalid_signature"),
  ),
  createCase("refuses an empty body", withSignedBody(""), createRefusal(400, "invalid_payload")),
  createCase(
    "refuses a body that is not JSON",
    withSignedBody("type=message.bounced"),
    createRefusal(400, "invalid_payload"),
  ),
  createCase(
    "refuses a compressed body",
    { request: { headers: { "content-encoding": "gzip" } } },
    createRefusal(415, "unsupported_encoding"),
  ),

  createCase(
    "refuses a body whose declared length exceeds maxBodyBytes before reading it",
    { receiver: { options: { maxBodyBytes: 100 } }, request: { sending: "unsent" } },
    createRefusal(413, "body_too_large", { closes: true }),
  ),
  createCase(
    "refuses a chunked body as soon as it exceeds maxBodyBytes",
    { receiver: { options: { maxBodyBytes: 100 } }, request: { sending: "chunked" } },
    createRefusal(413, "body_too_large", { closes: true }),
  ),
  createCase(
    "refuses a body that has not arrived within bodyTimeoutSeconds",
    { receiver: { options: { bodyTimeoutSeconds: 0.02 } }, request: { sending: "stalled" } },
    createRefusal(408, "body_timeout", { closes: true }),
  ),
  createCase(
    "refuses a body while the memory budget is used up",
    {
      receiver: {
        state: "full",
        options: { maxBodyBytes: 1000, maxInFlightBytes: 2500, bodyTimeoutSeconds: 3 },
      },
    },
    createRefusal(503, "overloaded", { headers: { "retry-after": "5" }, closes: true }),
  ),
  createCase(
    "refuses a body that a JSON body parser has consumed",
    { parser: "json" },
    createRefusal(500, "body_already_parsed"),
  ),

  createCase(
    "asks for a retry if the handler throws",
    { receiver: { handler: "throws" } },
    createRefusal(500, "handler_failed", { handled: ["message.bounced"] }),
  ),
  createCase(
    "asks for a retry if the handler exceeds deadlineSeconds",
    { receiver: { handler: "hangs", options: { deadlineSeconds: 0.02 } } },
    createRefusal(503, "deadline_exceeded", {
      handled: ["message.bounced"],
      headers: { "retry-after": "5" },
    }),
  ),
  createCase(
    "asks for a retry while another attempt is in flight",
    { receiver: { state: "in_flight", options: { inFlightWaitSeconds: 0 } } },
    createRefusal(409, "in_flight", { headers: { "retry-after": "15" } }),
  ),
  createCase(
    "asks for a retry if the store is unavailable",
    { receiver: { state: "store_down" } },
    createRefusal(503, "store_unavailable", { headers: { "retry-after": "5" } }),
  ),
  createCase(
    "asks for a retry if the receiver is closing",
    { receiver: { state: "closed" } },
    createRefusal(503, "closing", { headers: { "retry-after": "1" }, closes: true }),
  ),
];
