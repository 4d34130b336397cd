import { createEvent } from "@ahasend-webhooks/testing";
import axe, { type AxeResults } from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { startDevServer } from "../../src/dev/server.js";
import { closedPort, noting, openEmulator, sendingTo } from "../helpers.js";
import { hasBrowser, launchBrowser, openPage } from "./browser.js";

/** Creates an emulator with deliveries in all states and with long names. */
async function createBusyEmulator() {
  const { url } = await noting((_request, response) => void response.writeHead(500).end("no"));
  const { emulator, webhook } = sendingTo(url, { speed: 2 });
  emulator.endpoints.change(webhook.id, { name: "Mail desk" });
  const deadUrl = await closedPort();
  emulator.endpoints.create({ kind: "route", name: "Support inbox", url: `${deadUrl}${"long/".repeat(20)}` });
  const off = emulator.endpoints.create({ url: deadUrl, enabled: false });
  emulator.endpoints.override(off.id, { kind: "slow", seconds: 3 });
  const recipient = `${"a-very-long-name".repeat(6)}@customer.example`;
  const [bounced] = emulator.emit(createEvent("message.bounced", { data: { recipient } }));
  emulator.emit(createEvent("message.routing"));
  emulator.emit("no JSON", { id: `msg_${"1234567890".repeat(12)}`, endpoints: [webhook.id] });
  await emulator.quiet();
  const detail = `#/${encodeURIComponent(bounced!.key)}`;
  return { emulator, views: { deliveries: "#/", detail, send: "#/send", endpoints: "#/endpoints" } };
}

/** Waits until a view shows its content. */
async function waitForView(page: Page, view: string): Promise<void> {
  const part = {
    deliveries: page.getByRole("link", { name: /message\.bounced/ }),
    detail: page.getByRole("region", { name: "Request body" }),
    send: page.getByLabel("recipient", { exact: true }),
    endpoints: page.getByRole("article", { name: "Support inbox" }),
  }[view];
  await part?.waitFor();
}

describe.skipIf(!hasBrowser)("the accessibility of the page", { timeout: 120_000 }, () => {
  let browser: BrowserContext;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it("fits every view of the page into the 375 pixels of a phone", async () => {
    const { emulator, views } = await createBusyEmulator();
    const { page, url } = await openPage(browser, emulator, {
      prepare: (page) => page.setViewportSize({ width: 375, height: 700 }),
    });
    for (const [view, hash] of Object.entries(views)) {
      await page.goto(url + hash);
      await waitForView(page, view);
      for (const summary of await page.locator("summary").all()) await summary.click();
      await expect
        .poll(() => page.evaluate("document.documentElement.scrollWidth"), { message: view })
        .toBe(375);
    }
    await page.getByRole("button", { name: "Add an endpoint" }).click();
    await expect
      .poll(() => page.evaluate("document.documentElement.scrollWidth"), { message: "dialog" })
      .toBe(375);
  });

  it.each(["light", "dark"] as const)(
    "has no accessibility violation that axe finds in the %s theme",
    async (colorScheme) => {
      const { emulator, views } = await createBusyEmulator();
      const { page, url } = await openPage(browser, emulator, {
        prepare: (page) => page.emulateMedia({ colorScheme }),
      });
      await page.evaluate(axe.source);
      const listViolations = async () => {
        const { violations } = await page.evaluate<AxeResults>("axe.run()");
        return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
      };
      for (const [view, hash] of Object.entries(views)) {
        await page.goto(url + hash);
        await waitForView(page, view);
        for (const summary of await page.locator("summary").all()) await summary.click();
        expect(await listViolations(), view).toEqual([]);
      }
      await page.getByRole("button", { name: "Edit" }).first().click();
      await page.getByRole("dialog").waitFor();
      expect(await listViolations(), "dialog").toEqual([]);
      await page.keyboard.press("Escape");
      for (const { id } of emulator.endpoints.list()) emulator.endpoints.delete(id);
      await page.getByRole("heading", { name: "No endpoints yet" }).waitFor();
      await page.goto(`${url}#/`);
      await page.getByRole("heading", { name: "Add your first endpoint" }).waitFor();
      expect(await listViolations(), "empty").toEqual([]);
    },
  );

  it("can be operated by keyboard alone, with the focus on the new content", async () => {
    const { emulator } = await createBusyEmulator();
    const { page } = await openPage(browser, emulator);
    // While the content is replaced, the body has the focus, and its text is that of the whole page.
    const focusedText = () =>
      page.evaluate<string>(
        "document.activeElement === document.body ? '' : document.activeElement.textContent",
      );
    await waitForView(page, "deliveries");
    await page.keyboard.press("Tab");
    await expect.poll(() => focusedText()).toContain("Skip to content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.type")).toBe("search");
    // Skips the filters, the actions of the list and the box that selects the first delivery.
    for (let number = 0; number < 8; number += 1) await page.keyboard.press("Tab");
    await expect.poll(() => focusedText()).toContain("no type");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => focusedText()).toContain("message.bounced");
    await page.keyboard.press("Enter");
    await waitForView(page, "detail");
    await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("detail");
    await page.keyboard.press("Tab");
    await expect.poll(() => focusedText()).toBe("All deliveries");
    await page.keyboard.press("Enter");
    await expect.poll(() => focusedText()).toContain("message.bounced");
    await expect.poll(() => page.evaluate("document.activeElement.tagName")).toBe("A");

    await page.getByRole("link", { name: "Endpoints" }).click();
    await page.getByRole("button", { name: "Edit" }).nth(1).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).press("Enter");
    await expect.poll(() => focusedText()).toBe("Edit");
    await page
      .getByRole("article", { name: "Support inbox" })
      .getByRole("button", { name: "Delete" })
      .press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
    await expect.poll(() => focusedText()).toBe("Endpoints");
  });

  it("follows the theme of the system until another is selected", async () => {
    const { page } = await openPage(browser, openEmulator(), {
      prepare: (page) => page.emulateMedia({ colorScheme: "dark" }),
    });
    const backgroundColor = () =>
      page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
    const dark = await backgroundColor();
    await page.getByRole("button", { name: "Theme: system" }).click();
    await page.getByRole("button", { name: "Theme: light" }).waitFor();
    await expect.poll(() => backgroundColor()).not.toBe(dark);
    await page.reload();
    await page.getByRole("button", { name: "Theme: light" }).waitFor();
    await expect.poll(() => backgroundColor()).not.toBe(dark);
  });

  it("reports that the emulator has stopped, and reconnects when it is back", async () => {
    const { emulator } = await createBusyEmulator();
    const first = await startDevServer(emulator);
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(first.url);
    await waitForView(page, "deliveries");
    await first.close();
    await page.getByText("The emulator is not running").waitFor();
    emulator.emit(createEvent("message.clicked"));
    const second = await startDevServer(emulator, { port: Number(new URL(first.url).port) });
    onTestFinished(() => second.close());
    await page.getByRole("link", { name: /message\.clicked/ }).waitFor();
    expect(await page.getByText("The emulator is not running").count()).toBe(0);
  });
});
