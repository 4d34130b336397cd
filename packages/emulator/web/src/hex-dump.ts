const WIDTH = 16;

/** Formats bytes as a hex dump: sixteen a row, with the printable ASCII beside them. */
export function hexDump(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let start = 0; start < bytes.length; start += WIDTH) {
    const row = [...bytes.subarray(start, start + WIDTH)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    rows.push(`${start.toString(16).padStart(6, "0")}  ${hex.padEnd(3 * WIDTH)} ${text}`);
  }
  return rows.join("\n");
}
