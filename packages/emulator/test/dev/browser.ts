import { existsSync } from "node:fs";

import { required } from "@ahasend-webhooks/harness";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";
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

/** Launches the browser. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Long enough for a slow machine. */
const TIMEOUT_MS = 25_000;

/** Opens the page of an emulator until the test ends. Fails the test on a console error and on a request to another server. */
export async function openPage(
  browser: Browser,
  emulator: Emulator,
  { hash = "", ...options }: BrowserContextOptions & { hash?: string } = {},
): Promise<{ page: Page; url: string }> {
  const server = await startDevServer(emulator);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  const problems: string[] = [];
  context.on("weberror", (error) => problems.push(String(error.error())));
  context.on("console", (message) => {
    // The browser also logs every refusal.
    const isProblem = message.type() === "error" || message.type() === "warning";
    if (isProblem && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
  });
  context.on("request", (request) => {
    if (!request.url().startsWith(server.url)) problems.push(`request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    await server.close();
    expect(problems).toEqual([]);
  });
  const page = await context.newPage();
  await page.goto(server.url + hash);
  await page.locator(".connection.live").waitFor();
  return { page, url: server.url };
}
