/** Headers in their order; a repeated one has several pairs. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * Parses headers in common formats: lines of `name: value`, with or without a start line, as `curl -i` and `curl -v`
 * print them, or JSON (an object, a list of pairs, or Node's `rawHeaders`). Stops at the first blank line.
 *
 * @throws {TypeError} for any other format
 */
export function parseHeaders(text: string): HeaderList {
  const content = text.replace(/^\ufeff/, "").trimStart();
  return /^[[{]/.test(content) ? parseJson(content) : parseLines(content);
}

const START_LINE = /^([A-Z]+ \S+ HTTP\/[0-9.]+|HTTP\/[0-9.]+ [0-9]{3}.*)$/;

function parseLines(content: string): HeaderList {
  const headers: [string, string][] = [];
  for (const [index, raw] of content.split(/\r?\n/).entries()) {
    const line = raw.replace(/^[<>] ?/, "").trim();
    if (line === "") break;
    // HTTP/2 has pseudo-headers instead of a start line.
    if (START_LINE.test(line) || line.startsWith(":")) continue;
    const [, name, value] = /^([^\s:]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new TypeError(`Line ${index + 1} is not a header: it must have the form "name: value".`);
    }
    headers.push([name, value]);
  }
  return headers;
}

function parseJson(content: string): HeaderList {
  const wrong = "Headers in JSON must be an object of names and values.";
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new TypeError(wrong, { cause });
  }
  const entries = Array.isArray(value) ? toPairs(value) : Object.entries(value as object);
  return entries.flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value: unknown): [string, string] => {
      if (typeof name === "string" && ["string", "number"].includes(typeof value))
        return [name, String(value)];
      throw new TypeError(wrong);
    }),
  );
}

function toPairs(list: readonly unknown[]): [unknown, unknown][] {
  if (list.every((item) => Array.isArray(item))) return list.map(([name, value]) => [name, value]);
  return list.flatMap((name, index) =>
    index % 2 === 0 ? [[name, list[index + 1]] as [unknown, unknown]] : [],
  );
}
