import type { Desk } from "./desk.js";
import type { PageReply } from "./page-reply.js";
import { pageHeaders, renderMail } from "./page.js";

/** Pictures that no browser runs scripts in. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** The HTML of a stranger: no script runs in it, it has no origin, and it loads nothing but the mail's own pictures. */
const bodyHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'",
};

const PATH = /^\/mail\/([\da-f]+)\/(body|files\/([^/]+))?$/;

/** Returns whether a path is one of an inbound mail: `/mail/<folder>/`, and below it `body` and `files/<name>`. */
export function isMailPath(path: string): boolean {
  return PATH.test(path);
}

/** Serves the page of an inbound mail, its HTML body, or one of its files. */
export async function serveMail(desk: Desk, path: string): Promise<PageReply> {
  const [, folder = "", part, file] = PATH.exec(path) ?? [];
  if (file !== undefined) return serveFile(desk, folder, decodeSegment(file));
  const mail = await desk.readMail(folder);
  if (mail === undefined) return { status: 404 };
  if (part === "body") return { status: 200, headers: bodyHeaders, body: mail.html };
  return { status: 200, headers: pageHeaders, body: renderMail(mail) };
}

async function serveFile(desk: Desk, folder: string, name: string): Promise<PageReply> {
  const found = await desk.readMailFile(folder, name);
  if (found === undefined) return { status: 404 };
  const { contentType } = found.file;
  const isPicture = PICTURES.has(contentType);
  const headers = {
    "content-type": isPicture ? contentType : "application/octet-stream",
    "content-disposition": isPicture ? "inline" : "attachment",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
  };
  return { status: 200, headers, body: found.content };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "";
  }
}
