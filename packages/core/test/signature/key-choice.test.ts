import { generateKeyPairSync, sign as signEd25519 } from "node:crypto";

import { afterEach, describe, expect, it, vi } from "vitest";

import { type WebhookContext, createReceiver, createVerifier, verify } from "../../src/index.js";
import { at, bounced, delivery, now, recording, secret } from "../helpers.js";

const retired = `${secret}-retired`;
const missing =
  /^secret is missing, and the environment variable AHASEND_WEBHOOK_SECRET is not set: set it to .*, or pass secret\.$/;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("the secret in the environment", () => {
  it("verifies where no secret is given, and is read when it is needed", async () => {
    vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
    const { options } = recording({});
    const { secret: _secret, ...withoutSecret } = options;
    expect(await createReceiver(withoutSecret).receive(delivery())).toMatchObject({ status: 204 });
    expect((await createVerifier({ now }).verify(delivery())).event.type).toBe("message.bounced");
    expect(verify(delivery(), { now }).event.type).toBe("message.bounced");
    vi.stubEnv("AHASEND_WEBHOOK_SECRET", retired);
    expect(() => verify(delivery(), { now })).toThrow("No signature matches");
  });

  it.each([
    ["is not set", () => vi.stubEnv("AHASEND_WEBHOOK_SECRET", undefined), missing],
    ["cannot exist, as on an edge runtime", () => vi.stubGlobal("process", undefined), missing],
    ["has no variables", () => vi.stubGlobal("process", {}), missing],
    ["is empty", () => vi.stubEnv("AHASEND_WEBHOOK_SECRET", ""), /^AHASEND_WEBHOOK_SECRET is empty: copy/],
  ])("refuses to start if it %s", (_how, prepare, message) => {
    prepare();
    expect(() => createReceiver({ on: {} })).toThrow(message);
    expect(() => createVerifier({})).toThrow(message);
    expect(() => verify(delivery())).toThrow(message);
  });

  it("does not replace a secret that is undefined, which was meant to be another one, nor a public key", async () => {
    vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
    const options = { secret: undefined, now } as unknown as { now: typeof now };
    expect(() => createVerifier(options)).toThrow(/^secret is undefined, not a string/);
    const { publicKey } = createKeyPair();
    await expect(createVerifier({ publicKey, now }).verify(delivery())).rejects.toThrow(
      "No signature matches",
    );
  });
});

describe("keyIndex", () => {
  it.each([
    ["the only one", secret, 0],
    ["the first of several", [secret, retired], 0],
    ["another one", [retired, retired, secret], 2],
    ["one that is listed twice", [retired, secret, secret], 1],
  ])("is the place of the secret that has signed: %s", async (_which, secrets, keyIndex) => {
    const contexts: WebhookContext[] = [];
    const { options, outcomes } = recording(
      { "*": (_event, context) => contexts.push(context) },
      { secret: secrets },
    );
    await createReceiver(options).receive(delivery());
    expect(contexts).toMatchObject([{ keyIndex }]);
    expect(outcomes).toMatchObject([{ code: "handled", keyIndex }]);
    expect(verify(delivery(), { secret: secrets, now }).context.keyIndex).toBe(keyIndex);
  });

  it("is undefined if a public key has verified the delivery, or nothing has", async () => {
    const { publicKey, signature } = createKeyPair();
    const { options, outcomes } = recording({}, { secret, publicKey });
    const receiver = createReceiver(options);
    const { headers, body } = delivery();
    await receiver.receive({ headers: { ...headers, "webhook-signature": signature }, body });
    await receiver.receive({ headers: { ...headers, "webhook-signature": `v1,${"A".repeat(43)}=` }, body });
    expect(outcomes.map(({ code, keyIndex }) => [code, keyIndex])).toEqual([
      ["ignored", undefined],
      ["invalid_signature", undefined],
    ]);
  });
});

function createKeyPair() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const signature = signEd25519(null, Buffer.from(`msg_1.${at}.${bounced}`), privateKey).toString("base64");
  return { publicKey: `whpk_${raw.toString("base64")}`, signature: `v1a,${signature}` };
}
