import { eventTypes } from "@ahasend-webhooks/core";

import type { Careless } from "./careless-receiver.js";
import { Refusal, handmade } from "./handmade.js";

const LOGIN_PATH = "/login";

/** Receivers as people write them, each with a fault in how it handles deliveries. */
export const carelessHandlers: readonly Careless[] = [
  {
    fault: "replies with 404 to unknown types",
    receiver: (secret) =>
      handmade(secret, {
        assertEvent({ type }) {
          if (!eventTypes.some((known) => known === type)) throw new Refusal(404, "no handler");
        },
      }),
    fails: ["types/route.message", "types/unknown"],
    fix: /route\.message/,
  },
  {
    fault: "refuses unknown fields",
    receiver: (secret) =>
      handmade(secret, {
        assertEvent(event) {
          const known = ["type", "timestamp", "webhook_id", "route_id", "data"];
          if (Object.keys(event).some((name) => !known.includes(name)))
            throw new Refusal(400, "unknown field");
        },
      }),
    fails: ["bodies/extra-fields"],
    fix: /Allow unknown fields/,
  },
  {
    fault: "accepts bodies of any size",
    receiver: (secret) => handmade(secret, { maxBodyBytes: Infinity }),
    fails: ["limits/too-large-declared", "limits/too-large-chunked"],
    fix: /413/,
  },
  {
    fault: "refuses duplicates",
    receiver(secret) {
      const seen = new Set<string>();
      const rest = handmade(secret);
      return (request, response) => {
        const id = String(request.headers["webhook-id"]);
        const isDuplicate = request.method === "POST" && seen.has(id);
        seen.add(id);
        if (isDuplicate) response.writeHead(409).end();
        else rest(request, response);
      };
    },
    fails: ["delivery/duplicate", "delivery/concurrent-duplicates"],
    fix: /Reply with 2xx to a duplicate/,
  },
  {
    fault: "limits its rate to eight at a time",
    receiver(secret) {
      let open = 0;
      const order = (work: () => void, reply: () => void) =>
        void setTimeout(() => (work(), reply()), 50).unref();
      const rest = handmade(secret, { order });
      return (request, response) => {
        open += 1;
        response.on("close", () => (open -= 1));
        if (open > 8) response.writeHead(429).end();
        else rest(request, response);
      };
    },
    fails: ["delivery/burst", "limits/during-stalled-uploads"],
    fix: /rate limit/,
  },
  {
    fault: "handles every duplicate",
    receiver: (secret) => handmade(secret, { dedupes: false }),
    fails: ["effects/once", "effects/once-when-concurrent"],
    fix: /Claim the header webhook-id before the work/,
  },
  {
    fault: "replies before the work is done",
    receiver: (secret) =>
      handmade(secret, {
        order(work, reply) {
          reply();
          setTimeout(work, 300).unref();
        },
      }),
    fails: ["effects/before-reply"],
    fix: /Await the work before you reply/,
  },
  {
    fault: "works before it verifies",
    receiver(secret) {
      let worked = 0;
      const rest = handmade(secret);
      return (request, response) => {
        if (request.method === "POST") worked += 1;
        if (request.url === "/stats") response.end(JSON.stringify({ worked }));
        else rest(request, response);
      };
    },
    fails: ["effects/once", "effects/once-when-concurrent", "effects/none-when-forged"],
    fix: /Claim the header webhook-id/,
  },
  {
    fault: "is behind a login",
    receiver: () => (request, response) => {
      request.resume();
      if (request.url === LOGIN_PATH) response.end("Please log in");
      else response.writeHead(302, { location: LOGIN_PATH }).end();
    },
    fails: ["reach/genuine"],
    fix: /a GET that has no body/,
  },
];
