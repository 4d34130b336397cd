/**
 * Splits the contract into facts: sentences, rows of tables and examples. The introduction, above the first heading, has
 * none.
 */
export function splitFacts(markdown: string): string[] {
  const [, ...sections] = markdown.split(/^##+ .*$/m);
  return sections.flatMap((section) => splitBlocks(section.split("\n")).flatMap(splitSentences));
}

/** Joins the lines of a paragraph, a list item or an example; each row of a table is a block. */
function splitBlocks(lines: readonly string[]): string[] {
  const blocks: string[] = [""];
  for (const line of lines) {
    if (line === "" || line.startsWith("- ") || line.startsWith("|")) blocks.push("");
    blocks.push(`${blocks.pop() ?? ""} ${line.replace(/^- /, "").trim()}`.trim());
  }
  return blocks.filter((block) => block !== "" && !/^\| *(-|header |type )/.test(block));
}

function splitSentences(block: string): string[] {
  if (block.startsWith("|") || block.startsWith("```")) return [block];
  return block.split(/(?<=[.!?]\)?)\s+(?=["*`A-Z(])/);
}
