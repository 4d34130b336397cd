import type { LookupFunction } from "node:net";

import { createEvent } from "@ahasend-webhooks/testing";
import type { BrowserContext, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { toCurl } from "../../src/deliveries/to-curl.js";
import { noting, openEmulator, receiving, secret, sendingTo } from "../helpers.js";
import { hasBrowser, launchBrowser, openPage } from "./browser.js";

describe.skipIf(!hasBrowser)("the page", { timeout: 120_000 }, () => {
  let browser: BrowserContext;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  const link = (page: Page, name: string | RegExp) => page.getByRole("link", { name });

  it("guides a new user from an empty page to the first delivery", async () => {
    const { url, handled } = await receiving();
    const { page } = await openPage(browser, openEmulator({ secret }));
    await page.getByRole("heading", { name: "Add your first endpoint" }).waitFor();
    await page.getByText(`AHASEND_WEBHOOK_SECRET=${secret}`).waitFor();
    await page.getByLabel("Your framework").selectOption("NestJS");
    await page.getByText("npm install @ahasend-webhooks/nestjs").waitFor();
    await button(page, "Copy the code").click();
    await button(page, "Copied the code").waitFor();
    const code = page.getByRole("region", { name: "Code of the receiver" });
    expect(await code.textContent()).toContain("AhaSendWebhooksModule.forRoot(");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(await code.textContent());
    await page.getByLabel("URL of your receiver").fill(url);
    await button(page, "Add this endpoint").click();
    await page.getByRole("heading", { name: "No deliveries yet" }).waitFor();
    await page.getByText(`AHASEND_WEBHOOK_SECRET=${secret}`).waitFor();
    await page.getByText(url, { exact: true }).waitFor();
    await page.getByText("after 1, 16, 81, 256 and 625 seconds").waitFor();
    await button(page, "Send message.delivered").click();
    await page.getByRole("region", { name: "Delivery" }).getByRole("status").getByText("Delivered").waitFor();
    expect(handled).toMatchObject([{ type: "message.delivered" }]);
  });

  it("adds an inbound route with the settings of the dialog, and reports an unusable secret there", async () => {
    const emulator = openEmulator();
    const { page } = await openPage(browser, emulator, { hash: "#/endpoints" });
    await button(page, "Add an endpoint").click();
    const dialog = page.getByRole("dialog", { name: "Add an endpoint" });
    await dialog.getByText("Inbound route", { exact: true }).click();
    await dialog.getByLabel("URL").fill("http://localhost:9/mail");
    await dialog.getByLabel("Name").fill("Support inbox");
    await dialog.getByLabel("Secret").fill("short");
    await dialog.getByLabel("Group by message").check();
    await dialog.getByLabel("Strip replies").check();
    await dialog.getByLabel("Include headers").uncheck();
    await button(page, "Add").click();
    await dialog.getByRole("alert").getByText("secret is shorter than 16").waitFor();
    await dialog.getByLabel("Secret").fill(secret);
    await button(page, "Add").click();
    await page.getByRole("article", { name: "Support inbox" }).waitFor();
    expect(emulator.endpoints.list()).toMatchObject([
      {
        kind: "route",
        secret,
        attachments: true,
        headers: false,
        group_by_message_id: true,
        strip_replies: true,
      },
    ]);
    await button(page, "Edit").click();
    expect(await page.getByLabel("Group by message").isChecked()).toBe(true);
  });

  it("composes an event of any type in a form and shows the result of its delivery", async () => {
    const { url, handled } = await receiving();
    const { emulator } = sendingTo(url);
    const { page } = await openPage(browser, emulator, { hash: "#/send" });
    await page.getByLabel("recipient", { exact: true }).fill("gone@customer.example");
    await page.getByRole("combobox", { name: "Event type" }).selectOption("message.clicked");
    await page.getByLabel("url", { exact: true }).fill("https://acme.example/?a=1&b=<2>");
    await page.getByLabel("is_bot").check();
    await button(page, "Send").click();
    await page.getByRole("region", { name: "Sent" }).getByText("Delivered").waitFor();
    // Changing the type keeps the edited recipient.
    expect(handled).toMatchObject([
      {
        type: "message.clicked",
        event: {
          data: {
            event: "on_clicked",
            recipient: "gone@customer.example",
            url: "https://acme.example/?a=1&b=<2>",
            is_bot: true,
          },
        },
      },
    ]);
    await page.getByRole("region", { name: "Sent" }).getByRole("link").click();
    await page.getByRole("heading", { name: "message.clicked" }).waitFor();
  });

  it("sends an event edited as JSON, byte for byte on request, and reports mistakes in it", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url);
    const { page } = await openPage(browser, emulator, { hash: "#/send" });
    await page.getByText("JSON", { exact: true }).click();
    const editor = page.getByLabel("Event as JSON");
    await editor.fill('{"type": "message.teleported", "data": {"b": 1, "a": 2}');
    await page.getByText("This is not a JSON object").waitFor();
    await expect.poll(() => button(page, "Send").isDisabled()).toBe(true);
    const text = '{"type": "message.teleported", "data": {"b": 1, "a": 2}}';
    await editor.fill(text);
    await page.getByText("AhaSend does not have this type yet").waitFor();
    await button(page, "Send").click();
    await vi.waitFor(() => expect(arrived).toHaveLength(1), 20_000);
    expect(JSON.parse(arrived[0]!.body.toString())).toEqual({
      type: "message.teleported",
      webhook_id: webhook.id,
      data: { b: 1, a: 2 },
    });
    await page.getByLabel("Send exactly these bytes").check();
    await button(page, "Send").click();
    await vi.waitFor(() => expect(arrived).toHaveLength(2), 20_000);
    expect(arrived[1]!.body.toString()).toBe(text);
  });

  it("edits an earlier event and sends it again", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    const { page } = await openPage(browser, emulator);
    emulator.emit(createEvent("message.opened", { data: { subject: "First" } }));
    await emulator.idle();
    emulator.emit("no JSON");
    await emulator.idle();
    await link(page, /message\.opened/).click();
    await link(page, "Edit and send").click();
    const subject = page.getByLabel("subject", { exact: true });
    // The event is loaded after the form.
    await expect.poll(() => subject.inputValue()).toBe("First");
    await subject.fill("Second");
    await button(page, "Send").click();
    await vi.waitFor(() => expect(arrived).toHaveLength(3), 20_000);
    expect(String(arrived[2]!.body)).toBe(String(arrived[0]!.body).replace("First", "Second"));

    await link(page, "Deliveries").click();
    await link(page, /no type/).click();
    await link(page, "Edit and send").click();
    const editor = page.getByLabel("Event as JSON");
    await expect.poll(() => editor.inputValue()).toBe("no JSON");
    await editor.fill("No JSON either");
    await button(page, "Send").click();
    await vi.waitFor(() => expect(arrived).toHaveLength(4), 20_000);
    expect(String(arrived[3]!.body)).toBe("No JSON either");
  });

  it("sends a delivery with the faults selected on the page", async () => {
    const { url, outcomes } = await receiving();
    const { emulator } = sendingTo(url);
    const { page } = await openPage(browser, emulator, { hash: "#/send" });
    await page.getByText("Faults").first().click();
    await page.getByLabel("Stale or future timestamp").check();
    await page.getByLabel("seconds from now").fill("-301");
    await page.getByLabel("first attempts only").fill("2");
    await button(page, "Send").click();
    await page.getByRole("region", { name: "Sent" }).getByText("Delivered").waitFor();
    expect(outcomes).toMatchObject([
      { code: "stale_timestamp" },
      { code: "stale_timestamp" },
      { kind: "handled" },
    ]);
  });

  it("shows the retries of a failing receiver live, and replays after the receiver is fixed", async () => {
    let status = 500;
    const { url, arrived } = await noting((_request, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end('{"code":"broken"}');
    });
    const { emulator } = sendingTo(url, { speed: 1 });
    const [delivery] = emulator.emit(createEvent("message.bounced"));
    const { page } = await openPage(browser, emulator);
    await link(page, /message\.bounced/).click();
    const region = page.getByRole("region", { name: "Delivery", exact: true });
    await region.getByText("Retrying").waitFor();
    // The second attempt comes after 1 s and the third 16 s later: the page shows the newest, and the countdown.
    await region.getByRole("tab", { name: "Attempt 2 500", selected: true }).waitFor();
    await region.getByText(/Attempt 3 of 6 in \d+ s/).waitFor();
    await region.getByRole("tab", { name: "Attempt 1 500" }).click();
    const request = region.getByRole("region", { name: "Request", exact: true });
    const signature = String(arrived[0]!.headers["webhook-signature"]);
    await request.getByText(signature).waitFor();
    await region.getByRole("region", { name: "Response body" }).getByText('{"code":"broken"}').waitFor();

    status = 204;
    await button(page, "Replay").click();
    await region.getByText("Delivered").waitFor();
    await region.getByText("copy 2 of this id").waitFor();
    const ids = new Set(arrived.map(({ headers }) => headers["webhook-id"]));
    expect([...ids]).toEqual([delivery!.id]);
  });

  it("explains a refusal, copies the request as cURL, retries at once and cancels", async () => {
    const { url, outcomes } = await receiving({ secret: "aha-whsec-0000000000000000000000000000000000" });
    const { emulator } = sendingTo(url, { speed: 0.001 });
    const [delivery] = emulator.emit(createEvent("message.bounced"));
    const { page } = await openPage(browser, emulator);
    await link(page, /message\.bounced/).click();
    const reason = page.getByRole("region", { name: "Why it was refused" });
    await reason.getByText("The receiver has another secret").waitFor();
    await reason.getByText("invalid_signature").waitFor();
    await button(page, "Copy as cURL").click();
    await button(page, "Copied as cURL").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      toCurl(delivery!.attempts[0]!.request),
    );
    await button(page, "Retry now").click();
    await page.getByRole("tab", { name: "Attempt 2 401" }).waitFor();
    await button(page, "Cancel the delivery").click();
    await page.getByRole("region", { name: "Delivery" }).getByText("Cancelled").waitFor();
    expect(outcomes).toHaveLength(2);
  });

  it("replays as a duplicate or as a new delivery, many at a time, and clears the list", async () => {
    const { url, outcomes } = await receiving();
    const { emulator } = sendingTo(url);
    const [opened] = emulator.emit(createEvent("message.opened"));
    emulator.emit(createEvent("message.clicked"));
    await emulator.idle();
    const { page } = await openPage(browser, emulator, { hash: `#/${encodeURIComponent(opened!.key)}` });
    await button(page, "Replay").click();
    await page.getByText("Acknowledged as a duplicate").waitFor();
    await button(page, "Replay as new delivery").click();
    await page.getByText("Acknowledged as a duplicate").waitFor({ state: "detached" });
    await expect
      .poll(() => outcomes.map(({ kind }) => kind))
      .toEqual(["handled", "handled", "duplicate", "handled"]);

    await link(page, "All deliveries").click();
    const rows = page.getByRole("region", { name: "All deliveries" }).getByRole("listitem");
    await page.getByLabel("Event type").selectOption("message.clicked");
    await expect.poll(() => rows.count()).toBe(1);
    await button(page, "Replay all shown…").click();
    await page.getByText("New ids", { exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
    await expect.poll(() => rows.count()).toBe(2);
    await rows.first().getByRole("checkbox").check();
    await button(page, "Replay 1 selected…").click();
    await page
      .getByRole("dialog", { name: "Replay 1 delivery" })
      .getByRole("button", { name: "Replay" })
      .click();
    await expect.poll(() => rows.count()).toBe(3);
    expect(outcomes.slice(4)).toMatchObject([
      { kind: "handled", type: "message.clicked" },
      { kind: "duplicate", type: "message.clicked" },
    ]);
    await button(page, "Clear the list").click();
    await page.getByRole("heading", { name: "No deliveries yet" }).waitFor();
  });

  it("saves the composed event under a name, and opens it after a reload", async () => {
    const { emulator } = sendingTo("http://localhost:9/");
    const { page } = await openPage(browser, emulator, { hash: "#/send" });
    await page.getByLabel("recipient", { exact: true }).fill("gone@customer.example");
    await page.getByLabel("Save under the name").fill("gone");
    await button(page, "Save").click();
    await page.getByRole("status").getByText("Saved as “gone”.").waitFor();
    await page.reload();
    await page.getByLabel("recipient", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: "Saved events" }).selectOption("gone");
    await expect
      .poll(() => page.getByLabel("recipient", { exact: true }).inputValue())
      .toBe("gone@customer.example");
    await button(page, "Delete the saved event gone").click();
    await page.getByRole("combobox", { name: "Saved events" }).waitFor({ state: "detached" });
    expect(emulator.savedEvents.list()).toEqual([]);
  });

  it("marks a delivery that leads to another machine as not reached", async () => {
    const lookup = ((_host, _options, callback) =>
      callback(null, [{ address: "192.0.2.1", family: 4 }])) satisfies LookupFunction;
    const { emulator, webhook } = sendingTo("http://elsewhere.example/", { lookup });
    emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    expect(webhook.last_request_at).toBeNull();
    const { page } = await openPage(browser, emulator);
    await link(page, /Not reached.*message\.opened/).click();
    await page.getByText("not reached: nothing was sent").waitFor();
    await link(page, "Endpoints").click();
    await page.getByText("Not reached: the last delivery led to another machine").waitFor();
  });

  it("shows a body byte for byte, and indented on request", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    emulator.emit(createEvent("message.opened", { data: { subject: "a <b>" } }));
    await emulator.idle();
    const { page } = await openPage(browser, emulator);
    await link(page, /message\.opened/).click();
    const body = page.getByRole("region", { name: "Request body" });
    await body.waitFor();
    await expect.poll(() => body.textContent()).toBe(arrived[0]!.body.toString());
    await page.getByText("Pretty", { exact: true }).click();
    await expect.poll(() => body.textContent()).toContain('\n    "subject": "a <b>",\n');
    await page.getByText("Raw", { exact: true }).click();
    await expect.poll(() => body.textContent()).toContain('"subject":"a \\u003cb\\u003e"');
  });

  it("copies a whole body of which only the beginning is shown, and indents it in a worker", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    const { page } = await openPage(browser, emulator);
    emulator.emit(createEvent("message.opened", { data: { subject: "ü".repeat(150_000) } }));
    await emulator.idle();
    await link(page, /message\.opened/).click();
    await page.getByText("first 100 kB shown").waitFor();
    await button(page, "Copy the request body").click();
    await button(page, "Copied the request body").waitFor();
    await expect
      .poll(() => page.evaluate("navigator.clipboard.readText()"))
      .toBe(arrived[0]!.body.toString());
    await page.getByText("Pretty", { exact: true }).click();
    await page.getByText("Long strings are shortened").waitFor();
    const body = page.getByRole("region", { name: "Request body" });
    expect(await body.textContent()).toContain('üü … and 149,800 more characters",\n');
  });

  it("shows a body that is not valid UTF-8 as a hex dump", async () => {
    const { url } = await noting();
    const { emulator } = sendingTo(url);
    emulator.emit(createEvent("message.opened"), {
      faults: [{ kind: "content_encoding", encoding: "gzip" }],
    });
    await emulator.idle();
    const { page } = await openPage(browser, emulator);
    await link(page, /message\.opened/).click();
    await page.getByRole("region", { name: "Request body" }).getByText("000000  1f 8b 08").waitFor();
  });

  it("keeps the requested position of a switch while other changes arrive", async () => {
    const { url } = await noting();
    const { emulator, webhook } = sendingTo(url);
    const { page } = await openPage(browser, emulator, { hash: "#/endpoints" });
    const pendingRequests: Route[] = [];
    await page.route("**/api/endpoints/*", (route) => void pendingRequests.push(route));
    const enabled = page.getByRole("switch", { name: "Enabled" });
    await enabled.uncheck();
    await vi.waitFor(() => expect(pendingRequests).toHaveLength(1), 20_000);
    emulator.endpoints.change(webhook.id, { name: "Renamed meanwhile" });
    await page.getByRole("heading", { name: "Renamed meanwhile" }).waitFor();
    expect(await enabled.isChecked()).toBe(false);
    await pendingRequests[0]!.continue();
    await vi.waitFor(() => expect(webhook.enabled).toBe(false), 20_000);
    expect(await enabled.isChecked()).toBe(false);
  });

  it("switches event types and endpoints off and on from the page", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url);
    const { page } = await openPage(browser, emulator, { hash: "#/endpoints" });
    await page.getByText("Events").click();
    await page.getByRole("switch", { name: "message.opened" }).uncheck();
    await page.getByText("9 of 10").waitFor();
    expect(webhook).toMatchObject({ on_opened: false, on_clicked: true });

    await link(page, "Send").click();
    await page.getByRole("combobox", { name: "Event type" }).selectOption("message.opened");
    await button(page, "Send").click();
    await page.getByText("No endpoint gets this event").waitFor();
    await page.getByRole("combobox", { name: "Event type" }).selectOption("message.clicked");
    await button(page, "Send").click();
    await page.getByText("Sent: 1 delivery").waitFor();

    await link(page, "Endpoints").click();
    await page.getByRole("switch", { name: "Enabled" }).uncheck();
    await vi.waitFor(() => expect(webhook.enabled).toBe(false), 20_000);
    await page.getByRole("switch", { name: "Enabled" }).check();
    await vi.waitFor(() => expect(webhook.enabled).toBe(true), 20_000);
    expect(arrived).toHaveLength(1);
  });

  it("pauses and resumes an endpoint, and replies with an error in its place", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url);
    const { page } = await openPage(browser, emulator, { hash: "#/endpoints" });
    await page.getByText("Pause", { exact: true }).click();
    await page.getByText("Deliveries wait until you switch back to Normal.").waitFor();
    const [waiting] = emulator.emit(createEvent("message.opened"));
    await link(page, "Deliveries").click();
    await link(page, /Paused.*message\.opened/).waitFor();
    await link(page, "Endpoints").click();
    await page.getByText("Normal", { exact: true }).click();
    expect((await waiting!.settled).state).toBe("delivered");

    await page.getByText("Fail", { exact: true }).click();
    await page.getByLabel("with status").fill("418");
    await page.getByLabel("with status").blur();
    await vi.waitFor(() => expect(webhook.override).toEqual({ kind: "fail", status: 418 }), 20_000);
    const [failing] = emulator.emit(createEvent("message.clicked"));
    expect((await failing!.settled).state).toBe("failed");
    await link(page, "Deliveries").click();
    await link(page, /Failed.*message\.clicked/).click();
    await page.getByText("The emulator replied").waitFor();
    expect(arrived).toHaveLength(1);
  });

  it("edits and deletes an endpoint, and shows its secret on request only", async () => {
    const { emulator, webhook } = sendingTo("http://localhost:9/hooks");
    const { page } = await openPage(browser, emulator, { hash: "#/endpoints" });
    await button(page, "Edit").click();
    await page.getByLabel("Name").fill("Mail desk");
    await page.getByLabel("Only for these domains").fill("acme.example, example.org");
    await button(page, "Save").click();
    const card = page.getByRole("article", { name: "Mail desk" });
    await card.getByText("Only for acme.example, example.org").waitFor();
    expect(webhook).toMatchObject({ scope: "scoped", domains: ["acme.example", "example.org"], secret });

    expect(await page.content()).not.toContain(secret);
    await button(page, "Show the secret").click();
    await card.getByText(secret).waitFor();

    await button(page, "Delete").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "No endpoints yet" }).waitFor();
    expect(emulator.endpoints.list()).toEqual([]);
  });

  it("filters deliveries by recipient, status and state", async () => {
    const { url } = await noting((request, response) => {
      response.writeHead(request.body.includes("message.failed") ? 500 : 204).end();
    });
    const { emulator } = sendingTo(url);
    emulator.emit(createEvent("message.opened", { data: { recipient: "ada@customer.example" } }));
    emulator.emit(createEvent("message.clicked", { data: { recipient: "bob@customer.example" } }));
    emulator.emit(createEvent("message.failed", { data: { recipient: "ada@customer.example" } }));
    await emulator.idle();
    const { page } = await openPage(browser, emulator);
    const rows = page.getByRole("region", { name: "All deliveries" }).getByRole("listitem");
    const listTypes = async () => await rows.locator(".type").allTextContents();
    await expect.poll(() => rows.count()).toBe(3);
    await page.getByRole("searchbox").fill("ADA 204");
    await expect.poll(() => listTypes()).toEqual(["message.opened"]);
    await page.getByRole("searchbox").fill("");
    await page.getByLabel("State").selectOption("failed");
    await expect.poll(() => listTypes()).toEqual(["message.failed"]);
    await page.getByRole("searchbox").fill("bob");
    await page.getByText("No matching deliveries").waitFor();
    await button(page, "Show all").click();
    await expect.poll(() => rows.count()).toBe(3);
  });

  it("freezes the list of deliveries while it is on hold", async () => {
    const { url } = await noting();
    const { emulator } = sendingTo(url);
    emulator.emit(createEvent("message.opened"));
    const { page } = await openPage(browser, emulator);
    await link(page, /Delivered.*message\.opened/).waitFor();
    await button(page, "Hold").click();
    emulator.emit(createEvent("message.clicked"));
    await emulator.idle();
    // The counters arrive in the same message as the delivery.
    await link(page, "Endpoints").click();
    await page.getByRole("definition").getByText("2", { exact: true }).waitFor();
    await link(page, "Deliveries").click();
    expect(await link(page, /message\.clicked/).count()).toBe(0);
    await button(page, "Hold").click();
    await link(page, /message\.clicked/).waitFor();
  });

  it("changes the emulator's speed from the page", async () => {
    const { emulator } = sendingTo("http://localhost:9/");
    const { page } = await openPage(browser, emulator);
    await page.getByLabel("Speed").selectOption("100×");
    await vi.waitFor(() => expect(emulator.speed).toBe(100), 20_000);
    await page.getByLabel("Speed").selectOption("No pauses");
    await vi.waitFor(() => expect(emulator.speed).toBe(Infinity), 20_000);
  });

  it("lists a thousand deliveries, a hundred at a time", async () => {
    const { url } = await noting();
    const { emulator } = sendingTo(url, { attemptTimeoutSeconds: 60 });
    const { page } = await openPage(browser, emulator);
    for (let number = 0; number < 1000; number += 1) emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    await page.getByRole("option", { name: "Delivered (1000)" }).waitFor({ state: "attached" });
    const rows = page.getByRole("region", { name: "All deliveries" }).getByRole("listitem");
    await expect.poll(() => rows.count()).toBe(100);
    await button(page, "Show 100 more of 1,000 deliveries").click();
    await expect.poll(() => rows.count()).toBe(200);
  });
});
