import { type ShownDeadLetter, toFormAction } from "./dead-letter-desk.js";
import type { DeskPage } from "./desk.js";

/** Headers of the page: no script may run, even if something were left unescaped, and no other site may show it. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

/** Renders the desk as an HTML page. Its data comes from the outside, so everything is escaped. */
export function renderPage({ suppressions, opens, mails, others, deadLetters }: DeskPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Delivery desk</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
  th { white-space: nowrap; }
</style>
</head>
<body>
<h1>Delivery desk</h1>
${section("Opens", ["By", "Count"], Object.entries(opens))}
${section(
  "Do not write to",
  ["Address", "Reason", "Since", "Until"],
  suppressions.map(({ recipient, reason, at, until }) => [recipient, reason, at, until ?? "for good"]),
)}
${section(
  "Inbox",
  ["From", "Subject", "Attachments", "Folder"],
  mails.map(({ from, subject, attachments, folder }) => [from, subject, attachments, folder]),
)}
${section("Other events", ["Type", "Count"], Object.entries(others))}
${deadLetters === undefined ? "" : deadLetterSection(deadLetters)}
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
