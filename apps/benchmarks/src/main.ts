import { verifySuite } from "./suites/verify.js";
const t = performance.now();
const r = await verifySuite({ cycles: Number(process.argv[2] ?? 5), slotMs: 10 });
const fmt = (v: number) => v.toPrecision(3);
for (const t of r.tables) {
  console.log("# " + t.title);
  const rows = new Map<string, string[]>();
  for (const c of t.cells) {
    rows.set(c.row, [...(rows.get(c.row) ?? []), fmt(c.value)]);
  }
  for (const [k, v] of rows) console.log(k.padEnd(34), v.join("  "));
}
for (const [k, v] of Object.entries(r.figures)) console.log(k, v.toFixed(2));
console.log(performance.now() - t);
