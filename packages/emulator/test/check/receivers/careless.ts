import type { RequestListener } from "node:http";

import { eventTypes } from "@ahasend-webhooks/core";

import { hanging, leaking, reserialising } from "./express.js";
import { Refusal, handmade } from "./handmade.js";

/** A receiver with one fault. */
export interface Careless {
  fault: string;
  receiver: (secret: string) => RequestListener;
  /** The checks that must fail, and no others. */
  fails: readonly string[];
  /** What the cure of the first of them must be about. */
  cure: RegExp;
  /** How long its answers are waited for, where there are none. */
  timeoutSeconds?: number;
}

const BEHIND_LOG_IN = "/login";

/** Receivers as they are really written, each with a fault of its own. */
export const carelessReceivers: readonly Careless[] = [
  {
    fault: "re-serialises the body",
    receiver: reserialising,
    fails: ["bodies/escapes", "bodies/line-separators", "bodies/half-characters"],
    cure: /Verify the bytes as they came/,
  },
  {
    fault: "waits for a body that express.json() has eaten",
    receiver: hanging,
    fails: ["reach/genuine"],
    cure: /express\.json\(\) or another parser ran first/,
    timeoutSeconds: 0.5,
  },
  {
    fault: "shows its stack traces",
    receiver: leaking,
    fails: ["answers/opaque"],
    cure: /Answer with a status and at most a short code/,
  },
  {
    fault: "has no tolerance",
    receiver: (secret) => handmade(secret, { isFresh: () => true }),
    fails: ["time/an-hour-old", "time/an-hour-ahead", "time/no-number"],
    cure: /more than 300 s away from now/,
  },
  {
    fault: "accepts signatures without a version",
    receiver: (secret) =>
      handmade(secret, { matches: (entry, right) => entry.replace(/^v1,/, "") === right }),
    fails: ["forged/no-version"],
    cure: /begin with `v1,`/,
  },
  {
    fault: "accepts signatures of any version",
    receiver: (secret) =>
      handmade(secret, {
        matches: (entry, right) => entry.replace(/^v\d,/, "") === right && entry !== right,
      }),
    fails: ["forged/other-version"],
    cure: /begin with `v1,`/,
  },
  {
    fault: "decodes the secret from base64",
    receiver: (secret) =>
      handmade(secret, { key: (text) => Buffer.from(text.replace("aha-whsec-", ""), "base64") }),
    fails: ["reach/genuine", "forged/decoded-secret"],
    cure: /with the text of the secret as the key/,
  },
  {
    fault: "lets pass what has no signature",
    receiver: (secret) => handmade(secret, { verifies: ({ signature }) => signature !== "" }),
    fails: ["forged/no-webhook-signature", "forged/unsigned"],
    cure: /Refuse what has no webhook-signature/,
  },
  {
    fault: "tells the signature it expected",
    receiver(secret) {
      let expected = "";
      const matches = (entry: string, right: string) => entry === `v1,${(expected = right)}`;
      return handmade(secret, { matches, tell: () => `expected v1,${expected}` });
    },
    fails: ["answers/opaque"],
    cure: /Answer with a status and at most a short code/,
  },
  {
    fault: "answers 404 to types it does not know",
    receiver: (secret) =>
      handmade(secret, {
        take({ type }) {
          if (!eventTypes.some((known) => known === type)) throw new Refusal(404, "no handler");
        },
      }),
    fails: ["types/route.message", "types/unknown"],
    cure: /route\.message/,
  },
  {
    fault: "refuses fields it does not know",
    receiver: (secret) =>
      handmade(secret, {
        take(event) {
          const known = ["type", "timestamp", "webhook_id", "route_id", "data"];
          if (Object.keys(event).some((name) => !known.includes(name)))
            throw new Refusal(400, "unknown field");
        },
      }),
    fails: ["bodies/extra-fields"],
    cure: /Let unknown fields pass/,
  },
  {
    fault: "takes attachments for a list",
    receiver: (secret) =>
      handmade(secret, {
        take({ type, data }) {
          if (type === "message.routing") (data["attachments"] as unknown[]).map(String);
        },
      }),
    fails: ["bodies/null-attachments", "bodies/recorded"],
    cure: /data\.attachments \?\? \[\]/,
  },
  {
    fault: "puts the body together as text",
    receiver: (secret) =>
      handmade(secret, {
        async read(request) {
          let text = "";
          for await (const chunk of request) text += String(chunk);
          return Buffer.from(text);
        },
        maxBodyBytes: Infinity,
      }),
    fails: ["bodies/split-characters", "limits/too-large-declared", "limits/too-large-chunked"],
    cure: /Buffer\.concat/,
  },
  {
    fault: "takes bodies of any size",
    receiver: (secret) => handmade(secret, { maxBodyBytes: Infinity }),
    fails: ["limits/too-large-declared", "limits/too-large-chunked"],
    cure: /413/,
  },
  {
    fault: "refuses copies",
    receiver(secret) {
      const seen = new Set<string>();
      const rest = handmade(secret);
      return (request, response) => {
        const id = String(request.headers["webhook-id"]);
        const isCopy = request.method === "POST" && seen.has(id);
        seen.add(id);
        if (isCopy) response.writeHead(409).end();
        else rest(request, response);
      };
    },
    fails: ["delivery/again", "delivery/copies-at-once"],
    cure: /Answer 2xx to a copy/,
  },
  {
    fault: "takes few at a time",
    receiver(secret) {
      let open = 0;
      const order = (work: () => void, answer: () => void) =>
        void setTimeout(() => (work(), answer()), 50).unref();
      const rest = handmade(secret, { order });
      return (request, response) => {
        open += 1;
        response.on("close", () => (open -= 1));
        if (open > 8) response.writeHead(429).end();
        else rest(request, response);
      };
    },
    fails: ["delivery/burst", "limits/stalled-uploads-beside-it"],
    cure: /rate limit/,
  },
  {
    fault: "handles every copy",
    receiver: (secret) => handmade(secret, { dedupes: false }),
    fails: ["effects/once", "effects/once-at-once"],
    cure: /Claim the header webhook-id before the work/,
  },
  {
    fault: "answers before the work is done",
    receiver: (secret) =>
      handmade(secret, {
        order(work, answer) {
          answer();
          setTimeout(work, 300).unref();
        },
      }),
    fails: ["effects/before-answer"],
    cure: /Await the work before you answer/,
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
    fails: ["effects/once", "effects/once-at-once", "effects/none-of-a-forged-one"],
    cure: /Claim the header webhook-id/,
  },
  {
    fault: "is behind a log-in",
    receiver: () => (request, response) => {
      request.resume();
      if (request.url === BEHIND_LOG_IN) response.end("Please log in");
      else response.writeHead(302, { location: BEHIND_LOG_IN }).end();
    },
    fails: ["reach/genuine"],
    cure: /a GET that has no body/,
  },
];
