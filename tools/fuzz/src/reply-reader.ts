/** One reply as it was received. */
export interface SeenReply {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Parses replies from the bytes of a connection, without knowing the requests. */
export class ReplyReader {
  readonly replies: SeenReply[] = [];
  /** The bytes in place of a reply. Once it is set, nothing more is read. */
  malformed: string | undefined;
  #rest = "";
  #heads = 0;

  /** The number of replies that have begun. */
  get begun(): number {
    return this.replies.length + this.#heads;
  }

  add(chunk: Buffer): void {
    this.#rest += chunk.toString("latin1");
    this.#read(false);
  }

  /** Parses the rest after the connection has ended. */
  end(): void {
    this.#read(true);
    if (this.malformed === undefined && this.#rest !== "") this.malformed = this.#rest.slice(0, 200);
  }

  #read(isEnd: boolean): void {
    this.#heads = 0;
    while (this.malformed === undefined && this.#rest !== "") {
      const headEnd = this.#rest.indexOf("\r\n\r\n");
      const head = parseHead(this.#rest.slice(0, headEnd === -1 ? undefined : headEnd));
      if (head === undefined && (headEnd !== -1 || !"HTTP/1.".startsWith(this.#rest.slice(0, 7)))) {
        this.malformed = this.#rest.slice(0, 200);
      }
      if (head === undefined || headEnd === -1) return;
      const after = this.#rest.slice(headEnd + 4);
      const body = readBody(head, after, isEnd);
      if (body === undefined) {
        this.#heads = 1;
        return;
      }
      this.#rest = after.slice(body.length);
      if (head.status >= 200) this.replies.push({ ...head, body: body.text });
    }
  }
}

type Head = Omit<SeenReply, "body">;

function parseHead(text: string): Head | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] ([1-5][0-9]{2}) /.exec(first)?.[1];
  if (status === undefined) return undefined;
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status), headers: Object.fromEntries(fields) };
}

interface ReadBody {
  text: string;
  /** Its size on the wire, in bytes. */
  length: number;
}

/** Reads a body. @returns `undefined` while it is incomplete */
function readBody({ status, headers }: Head, after: string, isEnd: boolean): ReadBody | undefined {
  const empty = { text: "", length: 0 };
  // The reply to HEAD announces a body but has none: another reply, or nothing, follows.
  if (status < 200 || status === 204 || status === 304 || after.startsWith("HTTP/1.")) return empty;
  if (isEnd && after === "") return empty;
  if (headers["transfer-encoding"] === "chunked") return readChunks(after);
  const length = headers["content-length"];
  if (length === undefined) return isEnd ? { text: after, length: after.length } : undefined;
  if (after.length < Number(length)) return undefined;
  return { text: after.slice(0, Number(length)), length: Number(length) };
}

function readChunks(after: string): ReadBody | undefined {
  let text = "";
  let offset = 0;
  for (;;) {
    const lineEnd = after.indexOf("\r\n", offset);
    const size = Number.parseInt(after.slice(offset, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (lineEnd === -1 || after.length < next) return undefined;
    text += after.slice(lineEnd + 2, next - 2);
    offset = next;
    if (size === 0) return { text, length: offset };
  }
}
