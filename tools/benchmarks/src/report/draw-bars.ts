import { format } from "./format.js";
import type { Table } from "./result.js";

const WIDTH = 720;
const LABEL_WIDTH = 230;
const VALUE_WIDTH = 90;
const BAR_HEIGHT = 16;
const ROW_HEIGHT = 24;
const TITLE_HEIGHT = 34;

/** Colors for light and dark pages. */
const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.bar{fill:#b6bec9}.ours{fill:#0969da}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#484f58}.ours{fill:#4493f8}}`;

/**
 * Draws columns of a table as bars: one panel per column, each with its own scale.
 *
 * @returns an SVG document
 */
export function drawBars(table: Table, columns: readonly string[]): string {
  const parts: string[] = [];
  let y = 0;
  for (const column of columns) {
    const cells = table.cells.filter((cell) => cell.column === column);
    const highest = Math.max(...cells.map(({ value }) => value));
    parts.push(`<text class="title" x="0" y="${y + 22}">${escapeXml(`${table.title}, ${column}`)}</text>`);
    y += TITLE_HEIGHT;
    for (const { row, value, unit } of cells) {
      const length = Math.max(1, Math.round((value / highest) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH)));
      const kind = row.startsWith("ahasend-webhooks") ? "bar ours" : "bar";
      const middle = y + BAR_HEIGHT - 3;
      parts.push(
        `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escapeXml(row)}</text>`,
        `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${BAR_HEIGHT}" rx="2"/>`,
        `<text x="${LABEL_WIDTH + length + 6}" y="${middle}">${escapeXml(format(value, unit ?? table.unit))}</text>`,
      );
      y += ROW_HEIGHT;
    }
    y += 8;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="${escapeXml(table.title)}">`,
    `<style>${STYLE}</style>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
