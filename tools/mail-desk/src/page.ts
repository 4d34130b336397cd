import { type ShownDeadLetter, toFormAction } from "./dead-letter-desk.js";
import { messageStates } from "@ahasend-webhooks/mail";

import type { DeskPage } from "./desk.js";
import type { StoredMail } from "./inbox.js";

/** Headers of the page: no script may run, even if something were left unescaped, and no other site may show it. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'",
};

/** Renders the desk as an HTML page. Its data comes from the outside, so everything is escaped. */
export function renderPage({ suppressions, opens, messages, mails, others, deadLetters }: DeskPage): string {
  return renderDocument(
    "Delivery desk",
    `${section("Opens", ["By", "Count"], Object.entries(opens))}
${section(
  "Messages",
  ["State", "Count"],
  messageStates.flatMap((state) => (messages[state] === undefined ? [] : [[state, messages[state]]])),
)}
${section(
  "Do not write to",
  ["Address", "Reason", "Since", "Until"],
  suppressions.map(({ recipient, reason, at, until }) => [recipient, reason, at, until ?? "for good"]),
)}
${section(
  "Inbox",
  ["From", "Subject", "Attachments", "Mail"],
  mails.map(({ from, subject, attachments, folder }) => [
    from,
    subject,
    attachments,
    link(`mail/${folder}/`, "open"),
  ]),
)}
${section("Other events", ["Type", "Count"], Object.entries(others))}
${deadLetters === undefined ? "" : deadLetterSection(deadLetters)}`,
  );
}

/** Renders an inbound mail. Its HTML is a document of its own, in a frame without rights. */
export function renderMail({ subject, sender, reply, isAutomated, files }: StoredMail): string {
  const offered = files.filter(({ isInline }) => !isInline);
  return renderDocument(
    subject,
    `<p>From ${toHtml(sender)}${isAutomated ? ", written by a machine" : ""}</p>
<pre>${escapeHtml(reply)}</pre>
${section(
  "Attachments",
  ["Name", "Type"],
  offered.map(({ name, contentType }) => [link(`files/${encodeURIComponent(name)}`, name), contentType]),
)}
<h2>HTML</h2>
<iframe sandbox src="body" title="The mail as HTML"></iframe>`,
  );
}

function renderDocument(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${toHtml(title)}</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
  th { white-space: nowrap; }
  pre { white-space: pre-wrap; }
  iframe { width: 100%; height: 30rem; border: 1px solid #8884; background: #fff; }
</style>
</head>
<body>
<h1>${toHtml(title)}</h1>
${body}
</body>
</html>
`;
}

function deadLetterSection(deadLetters: readonly ShownDeadLetter[]): string {
  const rows = deadLetters.map(({ id, deliveryId, type, error, attempts, since }) => [
    deliveryId,
    type,
    error,
    attempts,
    since,
    form({ Replay: toFormAction("replay", id), Discard: toFormAction("discard", id) }),
  ]);
  const table = section("Dead letters", ["Delivery", "Type", "Error", "Attempts", "Since", ""], rows);
  if (deadLetters.length === 0) return table;
  return `${table}\n${form({ "Replay all": toFormAction("replay", "all") }).html}`;
}

/** HTML that is complete: everything else is escaped. */
interface Markup {
  html: string;
}

function link(url: string, label: string): Markup {
  return { html: `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>` };
}

/** Returns a form with a button for each action, by label. */
function form(actions: Readonly<Record<string, string>>): Markup {
  const buttons = Object.entries(actions).map(
    ([label, action]) => `<button formaction="${escapeHtml(action)}">${escapeHtml(label)}</button>`,
  );
  return { html: `<form method="post">${buttons.join(" ")}</form>` };
}

type Cell = string | number | Markup;

function section(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = (tag: string, values: readonly Cell[]) =>
    `<tr>${values.map((value) => `<${tag}>${toHtml(value)}</${tag}>`).join("")}</tr>`;
  const table = `<table><thead>${cells("th", columns)}</thead><tbody>${rows.map((row) => cells("td", row)).join("\n")}</tbody></table>`;
  return `<h2>${escapeHtml(title)}</h2>\n${rows.length === 0 ? "<p>Nothing yet.</p>" : table}`;
}

function toHtml(cell: Cell): string {
  return typeof cell === "object" ? cell.html : escapeHtml(String(cell));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
