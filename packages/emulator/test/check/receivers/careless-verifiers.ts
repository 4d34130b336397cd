import type { Careless } from "./careless-receiver.js";
import { hanging, leaking, reserializing } from "./express.js";
import { Refusal, handmade } from "./handmade.js";

/** Receivers as people write them, each with a fault in how it reads or verifies a delivery. */
export const carelessVerifiers: readonly Careless[] = [
  {
    fault: "re-serializes the body",
    receiver: reserializing,
    fails: ["bodies/escapes", "bodies/line-separators", "bodies/lone-surrogates"],
    fix: /Verify the bytes exactly as they arrived/,
  },
  {
    fault: "waits for a body that express.json() has consumed",
    receiver: hanging,
    fails: ["reach/genuine"],
    fix: /express\.json\(\) or another parser runs first/,
    timeoutSeconds: 0.5,
  },
  {
    fault: "shows its stack traces",
    receiver: leaking,
    fails: ["replies/opaque"],
    fix: /Reply with a status and at most a short code/,
  },
  {
    fault: "accepts any timestamp",
    receiver: (secret) => handmade(secret, { isFresh: () => true }),
    fails: ["time/an-hour-old", "time/an-hour-ahead", "time/not-a-number"],
    fix: /more than 300 s from now/,
  },
  {
    fault: "accepts signatures without a version",
    receiver: (secret) =>
      handmade(secret, { matches: (entry, right) => entry.replace(/^v1,/, "") === right }),
    fails: ["forged/no-version"],
    fix: /begin with `v1,`/,
  },
  {
    fault: "accepts signatures of any version",
    receiver: (secret) =>
      handmade(secret, {
        matches: (entry, right) => entry.replace(/^v\d,/, "") === right && entry !== right,
      }),
    fails: ["forged/other-version"],
    fix: /begin with `v1,`/,
  },
  {
    fault: "decodes the secret from base64",
    receiver: (secret) =>
      handmade(secret, { key: (text) => Buffer.from(text.replace("aha-whsec-", ""), "base64") }),
    fails: ["reach/genuine", "forged/decoded-secret"],
    fix: /with the secret string as the key/,
  },
  {
    fault: "accepts deliveries without a signature",
    receiver: (secret) => handmade(secret, { verifies: ({ signature }) => signature !== "" }),
    fails: ["forged/no-webhook-signature", "forged/unsigned"],
    fix: /Refuse a delivery without webhook-signature/,
  },
  {
    fault: "reveals the signature it expected",
    receiver(secret) {
      let expected = "";
      const matches = (entry: string, right: string) => entry === `v1,${(expected = right)}`;
      return handmade(secret, { matches, errorBody: () => `expected v1,${expected}` });
    },
    fails: ["replies/opaque"],
    fix: /Reply with a status and at most a short code/,
  },
  {
    fault: "assumes that attachments are a list",
    receiver: (secret) =>
      handmade(secret, {
        assertEvent({ type, data }) {
          if (type === "message.routing") (data["attachments"] as unknown[]).map(String);
        },
      }),
    fails: ["bodies/null-attachments", "bodies/recorded"],
    fix: /data\.attachments \?\? \[\]/,
  },
  {
    fault: "collects the body as a string",
    receiver: (secret) =>
      handmade(secret, {
        async read(request, maxBodyBytes) {
          let text = "";
          for await (const chunk of request.iterator({ destroyOnReturn: false })) {
            text += String(chunk);
            if (text.length > maxBodyBytes) throw new Refusal(413, "too large");
          }
          return Buffer.from(text);
        },
      }),
    fails: ["bodies/split-characters"],
    fix: /Buffer\.concat/,
  },
];
