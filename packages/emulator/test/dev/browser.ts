import { existsSync } from "node:fs";

import { required } from "@ahasend-webhooks/harness";
import { type BrowserContext, type Page, chromium } from "playwright-core";
import { expect, onTestFinished } from "vitest";

import { startDevServer } from "../../src/dev/server.js";
import type { Emulator } from "../../src/index.js";

const programs = [
  process.env["CHROMIUM"],
  // Takes half the time of the whole browser, which draws its own buttons for each window.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const executablePath = programs.find((path) => path !== undefined && existsSync(path));

/** Chromium is installed. */
export const hasBrowser = required("Chromium", executablePath !== undefined);

/** Long enough for a slow machine. */
const TIMEOUT_MS = 25_000;

/**
 * Launches the browser. The tests share what it has loaded, which takes most of their time. They share no data, because each
 * has a server, and with it an origin, of its own.
 */
export async function launchBrowser(): Promise<BrowserContext> {
  const browser = await chromium.launchPersistentContext("", {
    ...(executablePath !== undefined && { executablePath }),
    viewport: { width: 1280, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--renderer-process-limit=1",
    ],
  });
  browser.setDefaultTimeout(TIMEOUT_MS);
  return browser;
}

/** Opens the page of an emulator until the test ends. Fails the test on a console error and on a request to another server. */
export async function openPage(
  browser: BrowserContext,
  emulator: Emulator,
  { hash = "", prepare }: { hash?: string; prepare?: (page: Page) => Promise<void> } = {},
): Promise<{ page: Page; url: string }> {
  const server = await startDevServer(emulator);
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // The browser also logs every refusal.
    const isProblem = message.type() === "error" || message.type() === "warning";
    if (isProblem && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url)) problems.push(`request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await page.close();
    await server.close();
    expect(problems).toEqual([]);
  });
  await prepare?.(page);
  await page.goto(server.url + hash);
  await page.locator(".connection.live").waitFor();
  return { page, url: server.url };
}
