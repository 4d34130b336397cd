import { Buffer } from "node:buffer";

import { describe, expect, it } from "vitest";

import { readAttachments, resolveInlineImages } from "../src/index.js";
import { createAttachment, createMail, createPicture } from "./helpers.js";

const nameOf = (filename: string) =>
  readAttachments(createMail({ attachments: [createAttachment(filename)] }))[0]!.fileName;

const namesOf = (filenames: string[]) =>
  readAttachments(createMail({ attachments: filenames.map((name) => createAttachment(name)) })).map(
    ({ fileName }) => fileName,
  );

describe("the file name of an attachment", () => {
  it.each([
    ["receipt.txt", "receipt.txt"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\boot.ini", "boot.ini"],
    ["C:\\Users\\ada\\a.txt", "a.txt"],
    ["/", "attachment"],
    ["", "attachment"],
    [".", "attachment"],
    ["..", "attachment"],
    ["...", "attachment"],
    ["a/..", "attachment"],
    [" \t\r\n ", "attachment"],
    ["a\u0000.exe", "a.exe"],
    ["a\r\nb\u007f\u0085.txt", "ab.txt"],
    ["invoice\u202efdp.exe", "invoicefdp.exe"],
    ["\u200b\ufeff", "attachment"],
    ["half \ud83d character.txt", "half  character.txt"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["Aux.tar.gz", "_Aux.tar.gz"],
    ["COM¹", "_COM¹"],
    ["lpt1 .txt", "_lpt1.txt"],
    ["console.txt", "console.txt"],
    ['a:b*c?d<e>f|g"h.txt', "a_b_c_d_e_f_g_h.txt"],
    ["name. . .", "name"],
    ["name.txt. ", "name.txt"],
    [".htaccess", "htaccess"],
    ["-rf", "rf"],
    ["emoji 👩‍💻.png", "emoji 👩‍💻.png"],
    ["فاتورة.pdf", "فاتورة.pdf"],
    ["re\u0301sume\u0301.pdf", "résumé.pdf"],
    ["\u00ad\u2060\u180e\ufff9\u{e0041}", "attachment"],
    ["\u200d\ufe0f", "attachment"],
    ["a\u200d.txt", "a.txt"],
    ["a\u200d", "a"],
    ["می\u200cخواهم.pdf", "می\u200cخواهم.pdf"],
    ["C\u2060ON", "_CON"],
    ["❤️.png", "❤️.png"],
  ])("is made safe: %j becomes %j", (filename, expected) => {
    expect(nameOf(filename)).toBe(expected);
  });

  it("is at most 200 bytes long and keeps its extension", () => {
    for (const long of ["x".repeat(4000), "👩".repeat(2000), "é".repeat(4000)]) {
      const name = nameOf(`${long}.tar.gz`);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(Buffer.byteLength(name)).toBeGreaterThan(190);
      expect(name).toMatch(/^(x+|👩+|é+)\.gz$/u);
    }
    expect(Buffer.byteLength(nameOf(`a.${"b".repeat(4000)}`))).toBeLessThanOrEqual(200);
  });

  it("is unique in its mail, also where case and the form of accents do not count", () => {
    expect(
      namesOf([
        "a.txt",
        "A.TXT",
        "a.txt",
        "a (2).txt",
        "re\u0301.txt",
        "ré.txt",
        "",
        ".",
        "ß",
        "ẞ",
        "SS",
        "K",
        "\u212a",
      ]),
    ).toEqual([
      "a.txt",
      "A (2).TXT",
      "a (3).txt",
      "a (2) (2).txt",
      "ré.txt",
      "ré (2).txt",
      "attachment",
      "attachment (2)",
      "ß",
      "ẞ (2)",
      "SS (3)",
      "K",
      "K (2)",
    ]);
  });

  it("is unique among thousands, even if the names anticipate the numbers", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `a (${index}).txt`);
    const unique = namesOf([...names, ...Array<string>(10_000).fill("a.txt")]);
    expect(new Set(unique).size).toBe(20_000);
  });
});

describe("readAttachments", () => {
  it("returns 300 attachments in order, and decodes each on demand", () => {
    const attachments = Array.from({ length: 300 }, (_, index) =>
      createAttachment("part.bin", { data: Buffer.from([index & 255, 0, 255]).toString("base64") }),
    );
    const read = readAttachments(createMail({ attachments }));
    expect(read.map(({ decode }) => decode()[0])).toEqual(attachments.map((_, index) => index & 255));
    expect(read[299]!.fileName).toBe("part (300).bin");
  });

  it.each([
    ["ZGF0YQ==", "data"],
    ["ZGF0YQ", "data"],
    ["ZGF0\r\nYQ==", "data"],
    ["", ""],
    ["====", ""],
    ["Z", ""],
    ["💥💥", ""],
    [7, ""],
    [undefined, ""],
  ])("decodes base64 that is %j without an error", (data, expected) => {
    const [attachment] = readAttachments(createMail({ attachments: [{ filename: "a", data }] }));
    expect(Buffer.from(attachment!.decode()).toString()).toBe(expected);
  });

  it("decodes 22 MB", () => {
    const bytes = Buffer.alloc(22_000_000, "0123456789");
    const attachments = [createAttachment("big.bin", { data: bytes.toString("base64") })];
    expect(bytes.equals(readAttachments(createMail({ attachments }))[0]!.decode())).toBe(true);
  });

  it.each([
    ["text/HTML; charset=utf-8", "text/html"],
    ["application/vnd.ms-excel", "application/vnd.ms-excel"],
    ["", "application/octet-stream"],
    ["text/html\r\nset-cookie: a=b", "application/octet-stream"],
    [null, "application/octet-stream"],
  ])("reads the content type %j as %s", (content_type, expected) => {
    const [attachment] = readAttachments(createMail({ attachments: [{ content_type }] }));
    expect(attachment!.contentType).toBe(expected);
  });

  it("calls inline what the HTML shows, whatever the disposition", () => {
    const attachments = [
      createAttachment("shown.png", { content_id: "a@x", disposition: "attachment" }),
      createAttachment("apple.pdf", { content_id: "", disposition: "inline" }),
      createAttachment("outlook.docx", { content_id: "c@x", disposition: "inline" }),
      createAttachment("form.bin", { disposition: "form-data" }),
    ];
    const read = readAttachments(createMail({ attachments, html_body: '<img src="cid:a@x">' }));
    expect(read.map(({ isInline }) => isInline)).toEqual([true, false, false, false]);
  });

  it("returns nothing for a value that is not a list, and skips what is not an attachment", () => {
    for (const attachments of [null, undefined, {}, "x", [null, 7, "x"]])
      expect(readAttachments(createMail({ attachments }))).toEqual([]);
  });
});

describe("resolveInlineImages", () => {
  const resolve = (html_body: unknown, contentIds: string[], url = "/files/") =>
    resolveInlineImages(
      createMail({ html_body, attachments: contentIds.map((id) => createPicture(id)) }),
      ({ contentId }) => url + encodeURIComponent(contentId),
    );

  it.each([
    [
      "percent-encoded",
      '<img src="cid:logo%40x.example">',
      "logo@x.example",
      '<img src="/files/logo%40x.example">',
    ],
    ["with a plus", "<img src='cid:a+b@x'>", "a b@x", "<img src='/files/a%20b%40x'>"],
    ["with an encoded plus", "<img src='cid:a%2Bb@x'>", "a+b@x", "<img src='/files/a%2Bb%40x'>"],
    [
      "with a bare percent, which AhaSend cannot decode",
      '<img src="cid:100%+a@x">',
      "100%+a@x",
      '<img src="/files/100%25%2Ba%40x">',
    ],
    ["in UTF-8", '<img src="cid:%C3%A4@x">', "ä@x", '<img src="/files/%C3%A4%40x">'],
    [
      "with a space",
      '<img src="cid:image 1.png@x">',
      "image 1.png@x",
      '<img src="/files/image%201.png%40x">',
    ],
    ["with an entity", '<img src="cid:a&#64;x&amp;y">', "a@x&y", '<img src="/files/a%40x%26y">'],
    ["with an apostrophe", '<img src="cid:it\'s@x">', "it's@x", '<img src="/files/it%27s%40x">'],
    [
      "in single quotes within double ones",
      `<p style="background:url('cid:a@x')">`,
      "a@x",
      `<p style="background:url('/files/a%40x')">`,
    ],
    ["of bytes that are not UTF-8", '<img src="cid:%ff">', "\ufffd", '<img src="/files/%EF%BF%BD">'],
    ["without quotes", "<img src=cid:a@x>", "a@x", "<img src=/files/a%40x>"],
    ["in capitals", '<IMG SRC="CID:a@x">', "a@x", '<IMG SRC="/files/a%40x">'],
    ["in a style", '<p style="background:url(cid:a@x)">', "a@x", '<p style="background:url(/files/a%40x)">'],
    [
      "in a style, quoted",
      '<p style="background:url(&quot;cid:a@x&quot;)">',
      "a@x",
      '<p style="background:url(&quot;/files/a%40x&quot;)">',
    ],
    [
      "in a srcset",
      '<img srcset="cid:a@x 1x, cid:a@x 2x">',
      "a@x",
      '<img srcset="/files/a%40x 1x, /files/a%40x 2x">',
    ],
    ["without an attachment", '<img src="cid:b@x">acid:a@x', "a@x", '<img src="cid:b@x">acid:a@x'],
    ["that is empty", '<img src="cid:">', "", '<img src="cid:">'],
    ["named like a field of objects", '<img src="cid:constructor">', "x", '<img src="cid:constructor">'],
  ])("resolves a URL %s", (_what, html, contentId, expected) => {
    expect(resolve(html, [contentId])).toBe(expected);
  });

  it("escapes the URL, and leaves it where there is none", () => {
    const html = '<img src="cid:a@x">';
    expect(resolve(html, ["a@x"], '"><script>&(')).toBe('<img src="%22%3E%3Cscript%3E&amp;%28a%40x">');
    const mail = createMail({ html_body: html, attachments: [createPicture("a@x")] });
    expect(resolveInlineImages(mail, () => undefined)).toBe(html);
  });

  it("takes the first of several attachments with the same content id", () => {
    const attachments = [
      createPicture("a@x", { filename: "first.png" }),
      createPicture("a@x", { filename: "second.png" }),
    ];
    const mail = createMail({ html_body: '<img src="cid:a@x">', attachments });
    expect(resolveInlineImages(mail, ({ fileName }) => fileName)).toBe('<img src="first.png">');
  });

  it("returns an empty string without HTML", () => {
    expect(resolve(undefined, ["a@x"])).toBe("");
  });
});
