import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { type EventIssue, type Handlers, createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { createEmulator, lifecycle } from "@ahasend-webhooks/emulator";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import type { MessageStatus, Suppression } from "../src/index.js";
import { createAttachment, createPicture } from "./helpers.js";

let folder: string;
let snippets: string[];

beforeAll(async () => {
  vi.spyOn(console, "log").mockReturnValue();
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
  folder = await mkdtemp(join(import.meta.dirname, ".snippets-"));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** The exports of all snippets: each has some of them. */
interface Snippet {
  app?: ReturnType<typeof nodeHandler>;
  handlers?: Handlers;
  statuses: Map<string, MessageStatus>;
  suppressions: Map<string, Suppression>;
  bounces: string[];
  tickets: Map<string, object>;
  issues: EventIssue[];
}

/** Runs a snippet as it is, but on the sources, and connects the emulator to what it exports. */
async function connectSnippet(number: number) {
  const emulator = createEmulator();
  vi.stubEnv("AHASEND_WEBHOOK_SECRET", emulator.secret);
  const path = join(folder, `${number}.ts`);
  await writeFile(path, snippets[number - 1]!.replace('"@ahasend-webhooks/mail"', '"../../src/index.js"'));
  const snippet = (await import(pathToFileURL(path).href)) as Snippet;
  const { handlers = {}, app } = snippet;
  const sender = await emulator.connect(
    app ?? nodeHandler(createReceiver({ secret: emulator.secret, on: handlers })),
  );
  onTestFinished(() => sender.close());
  return { snippet, sender };
}

describe("the snippets of the README, with deliveries of the emulator", () => {
  it("are all run by these tests", () => {
    expect(snippets).toHaveLength(5);
  });

  it("keep the status of messages and the addresses not to write to", async () => {
    const { snippet, sender } = await connectSnippet(1);
    const recipient = "gone@customer.example";
    await sender.deliver("message.bounced", { data: { recipient, message_id_header: "<1@acme.example>" } });
    await sender.deliver("message.delivered", { data: { recipient, message_id_header: "<1@acme.example>" } });
    expect(snippet.statuses.get(`<1@acme.example> ${recipient}`)).toMatchObject({ state: "bounced" });
    expect(snippet.suppressions.get(recipient)).toEqual({ recipient, reason: "bounce" });
  });

  it("end in the right states for whole lifecycles, backwards and twice, and for a complaint", async () => {
    const { snippet, sender } = await connectSnippet(2);
    const courses = ["delivered", "bounced", "deferred", "failed", "suppressed"] as const;
    const events = courses
      .flatMap((name) => lifecycle(name, { recipient: `${name}@customer.example` }))
      .toReversed();
    for (const { type, ...event } of [...events, ...events]) await sender.deliver(type, event);
    const data = { recipient: "deferred@customer.example", reason: "FBL Complaint Report" };
    await sender.deliver("suppression.created", { data });
    expect(
      [...snippet.statuses]
        .map(([key, { state }]) => `${key.split(" ")[1]?.split("@")[0]} ${state}`)
        .toSorted(),
    ).toEqual([
      "bounced bounced",
      "deferred complained",
      "delivered delivered",
      "failed failed",
      "suppressed suppressed",
    ]);
  });

  it("say why a message bounced", async () => {
    const { snippet, sender } = await connectSnippet(3);
    await sender.deliver("message.bounced");
    await sender.deliver("message.bounced", { data: { delivery_attempt: null } });
    expect(snippet.bounces).toEqual([
      "ada@customer.example: hard, InvalidRecipient",
      "ada@customer.example: unknown, other",
    ]);
  });

  it("keep inbound mail once, with its attachments and pictures", async () => {
    const mails = await mkdtemp(join(tmpdir(), "mails-"));
    onTestFinished(() => rm(mails, { recursive: true, force: true }));
    vi.stubEnv("MAIL_FOLDER", mails);
    const { snippet, sender } = await connectSnippet(4);
    const data = {
      message_id: "<mail-1@customer.example>",
      html_body: '<p>Look: <img src="cid:logo%40x+1"></p>',
      attachments: [createAttachment("../../evil.txt"), createPicture("logo@x 1")],
    };
    await sender.deliver("message.routing", { data });
    await sender.deliver("message.routing", { data: { ...data, to: "sales@acme.example" } });
    await sender.deliver("message.routing", { data: { bounce: true } });
    const [[key, ticket] = [], ...others] = [...snippet.tickets];
    expect(others).toEqual([]);
    expect(ticket).toEqual({
      from: "ada@customer.example",
      answers: "<invoice-7@acme.example>",
      reply: "Thank you & best wishes",
      html: `<p>Look: <img src="/mail/${key}/logo.png"></p>`,
    });
    expect((await readdir(join(mails, key!))).toSorted()).toEqual(["evil.txt", "logo.png"]);
    expect(await readFile(join(mails, key!, "evil.txt"), "utf8")).toBe("data");
  });

  it("report issues and acknowledge the event", async () => {
    const { snippet, sender } = await connectSnippet(5);
    const { state } = await sender.deliver("message.opened", { data: { subject: undefined } });
    await sender.deliver("message.opened");
    expect(state).toBe("delivered");
    expect(snippet.issues).toEqual([
      { path: ["data", "subject"], message: "is missing: a string is documented" },
    ]);
  });
});
