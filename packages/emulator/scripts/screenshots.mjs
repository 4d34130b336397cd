// Takes the screenshots in docs/: the built program and its page, with deliveries in different states.
// Needs Chromium and pngquant (Debian: apt-get install chromium pngquant). `node scripts/screenshots.mjs [folder]`
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const pathTo = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = process.argv[2] ?? pathTo("../docs");

/** The replies by event type; 204 for the others. */
const replies = {
  "message.bounced": [503, "store_unavailable"],
  "message.opened": [401, "invalid_signature"],
};
const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    const [status, code] = replies[JSON.parse(body).type] ?? [204];
    response.writeHead(status, { "content-type": "application/json" }).end(code && JSON.stringify({ code }));
  });
}).listen(0, "127.0.0.1");
await once(receiver, "listening");
const to = `http://localhost:${receiver.address().port}/webhooks/ahasend`;

const emulator = spawn(
  process.execPath,
  [pathTo("../dist/cli/main.js"), "dev", "--json", "--port", "0", "--speed", "10", "--to", to],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
  const [line] = await once(createInterface({ input: emulator.stdout }), "line");
  await takeAll(JSON.parse(line));
} finally {
  await browser.close();
  emulator.kill("SIGINT");
  receiver.close();
}

async function takeAll({ url, endpoints }) {
  const ask = async (method, path, fields) => {
    const body = fields && { headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
    return (await fetch(new URL(`/api/${path}`, url), { method, ...body })).json();
  };
  for (const { id, kind } of endpoints) {
    await ask("PATCH", `endpoints/${id}`, { name: kind === "webhook" ? "Mail desk" : "Support inbox" });
  }
  const samples = await ask("GET", "samples");
  const emit = (name, faults = []) => {
    const event = samples.find(({ type }) => type === name);
    return ask("POST", "events", { event, faults });
  };
  for (const { type } of samples) if (type !== "message.bounced") await emit(type);
  await emit("message.delivered", [{ kind: "copies", count: 2, timing: "in_turn" }]);
  await emit("message.clicked", [{ kind: "rotated_secret" }]);
  const [{ key }] = await emit("message.bounced");
  const detail = encodeURIComponent(key);
  while ((await ask("GET", `deliveries/${detail}`)).attempts.length < 3) await pause(50);

  await take(`${url}#/${detail}`, "page-light", { viewport: { width: 1280, height: 800 } }, (page) =>
    page.getByLabel("Request body").waitFor(),
  );
  await take(
    `${url}#/send`,
    "page-dark",
    { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
    async (page) => {
      await page.getByLabel("recipient", { exact: true }).fill("gone@customer.example");
      await page.getByText("Faults").first().click();
      await page.getByLabel("Duplicates").check();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.getByRole("region", { name: "Sent" }).waitFor();
      await page.evaluate("window.scrollTo(0, 0)");
    },
  );
  await take(url, "page-phone", { viewport: { width: 375, height: 812 } }, (page) =>
    page
      .getByRole("link", { name: /message\.bounced/ })
      .first()
      .waitFor(),
  );
}

/** Takes a screenshot of the page after preparing it. */
async function take(address, name, options, prepare) {
  const page = await browser.newPage(options);
  await page.goto(address);
  await prepare(page);
  const path = `${folder}/${name}.png`;
  await page.screenshot({ path, animations: "disabled" });
  execFileSync("pngquant", ["--force", "--strip", "--speed", "1", "--output", path, path]);
  await page.close();
}
