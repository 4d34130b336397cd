import { createEvent } from "@ahasend-webhooks/testing";
import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { startDevServer } from "../../src/dev/server.js";
import { closedPort, noting, openEmulator, sendingTo } from "../helpers.js";
import { hasBrowser, launchBrowser, openPage } from "./browser.js";

/** An emulator with something of everything to show. */
async function lively() {
  const { url } = await noting((_request, response) => void response.writeHead(500).end("no"));
  const { emulator, webhook } = sendingTo(url, { speed: 2 });
  emulator.endpoints.change(webhook.id, { name: "Mail desk" });
  const nobody = await closedPort();
  emulator.endpoints.create({ kind: "route", name: "Support inbox", url: `${nobody}${"long/".repeat(20)}` });
  const off = emulator.endpoints.create({ url: nobody, enabled: false });
  emulator.endpoints.obstruct(off.id, { kind: "slow", seconds: 3 });
  const recipient = `${"a-very-long-name".repeat(6)}@customer.example`;
  const [bounced] = emulator.emit(createEvent("message.bounced", { data: { recipient } }));
  emulator.emit(createEvent("message.routing"));
  emulator.emit("no JSON", { id: `msg_${"1234567890".repeat(12)}`, endpoints: [webhook.id] });
  await emulator.quiet();
  const detail = `#/${encodeURIComponent(bounced!.key)}`;
  return { emulator, views: { deliveries: "#/", detail, send: "#/send", endpoints: "#/endpoints" } };
}

/** Waits until a view shows what it has. */
async function ready(page: Page, view: string): Promise<void> {
  const part = {
    deliveries: page.getByRole("link", { name: /message\.bounced/ }),
    detail: page.getByRole("region", { name: "Request body" }),
    send: page.getByLabel("recipient", { exact: true }),
    endpoints: page.getByRole("article", { name: "Support inbox" }),
  }[view];
  await part?.waitFor();
}

describe.skipIf(!hasBrowser)("the page, for everybody", { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it("fits a phone: nothing is wider than 375 pixels", async () => {
    const { emulator, views } = await lively();
    const { page, url } = await openPage(browser, emulator, { viewport: { width: 375, height: 700 } });
    for (const [view, hash] of Object.entries(views)) {
      await page.goto(url + hash);
      await ready(page, view);
      for (const summary of await page.locator("summary").all()) await summary.click();
      expect(await page.evaluate("document.documentElement.scrollWidth"), view).toBe(375);
    }
    await page.getByRole("button", { name: "Add an endpoint" }).click();
    expect(await page.evaluate("document.documentElement.scrollWidth"), "dialog").toBe(375);
  });

  it.each(["light", "dark"] as const)("has no barrier that axe finds, %s", async (colorScheme) => {
    const { emulator, views } = await lively();
    const { page, url } = await openPage(browser, emulator, { colorScheme });
    const barriers = async () => {
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
    };
    for (const [view, hash] of Object.entries(views)) {
      await page.goto(url + hash);
      await ready(page, view);
      for (const summary of await page.locator("summary").all()) await summary.click();
      expect(await barriers(), view).toEqual([]);
    }
    await page.getByRole("button", { name: "Edit" }).first().click();
    await page.getByRole("dialog").waitFor();
    expect(await barriers(), "dialog").toEqual([]);
    await page.keyboard.press("Escape");
    for (const { id } of emulator.endpoints.list()) emulator.endpoints.delete(id);
    await page.getByRole("heading", { name: "No endpoint yet" }).waitFor();
    await page.goto(`${url}#/`);
    await page.getByRole("heading", { name: "Where does your receiver listen?" }).waitFor();
    expect(await barriers(), "empty").toEqual([]);
  });

  it("can be used with the keyboard alone, and the focus goes along", async () => {
    const { emulator } = await lively();
    const { page } = await openPage(browser, emulator);
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    await ready(page, "deliveries");
    await page.keyboard.press("Tab");
    expect(await focused()).toContain("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.type")).toBe("search");
    // Past the filters, into the list.
    for (let number = 0; number < 4; number += 1) await page.keyboard.press("Tab");
    expect(await focused()).toContain("no type");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toContain("message.bounced");
    await page.keyboard.press("Enter");
    await ready(page, "detail");
    expect(await page.evaluate("document.activeElement.className")).toBe("detail");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("All deliveries");
    await page.keyboard.press("Enter");
    await vi.waitFor(async () => expect(await focused()).toContain("message.bounced"), 20_000);
    expect(await page.evaluate("document.activeElement.tagName")).toBe("A");

    await page.getByRole("link", { name: "Endpoints" }).click();
    await page.getByRole("button", { name: "Edit" }).nth(1).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).press("Enter");
    await vi.waitFor(async () => expect(await focused()).toBe("Edit"), 20_000);
    await page
      .getByRole("article", { name: "Support inbox" })
      .getByRole("button", { name: "Delete" })
      .press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
    await vi.waitFor(async () => expect(await focused()).toBe("Endpoints"), 20_000);
  });

  it("goes by the theme of the system until another is chosen", async () => {
    const { page } = await openPage(browser, openEmulator(), { colorScheme: "dark" });
    const background = () =>
      page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
    const dark = await background();
    await page.getByRole("button", { name: "Theme: system" }).click();
    await page.getByRole("button", { name: "Theme: light" }).waitFor();
    expect(await background()).not.toBe(dark);
    await page.reload();
    await page.getByRole("button", { name: "Theme: light" }).waitFor();
    expect(await background()).not.toBe(dark);
  });

  it("says when the emulator is gone, and goes on when it is back", async () => {
    const { emulator } = await lively();
    const first = await startDevServer(emulator);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(first.url);
    await ready(page, "deliveries");
    await first.close();
    await page.getByText("The emulator does not answer").waitFor();
    emulator.emit(createEvent("message.clicked"));
    const second = await startDevServer(emulator, { port: Number(new URL(first.url).port) });
    onTestFinished(() => second.close());
    await page.getByRole("link", { name: /message\.clicked/ }).waitFor();
    expect(await page.getByText("The emulator does not answer").count()).toBe(0);
  });
});
