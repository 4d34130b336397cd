import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import type { MessageRoutingEvent } from "@ahasend-webhooks/core";
import {
  type MailAttachment,
  inboundKey,
  isAutomated,
  parseAddress,
  readAttachments,
  readThread,
  replyText,
  resolveInlineImages,
} from "@ahasend-webhooks/mail";

/** A file of a stored mail. */
export interface StoredFile extends Pick<MailAttachment, "contentType" | "isInline"> {
  name: string;
}

/** A stored mail, as `message.json` in its folder holds it beside the fields of the event. */
export interface StoredMail {
  subject: string;
  sender: string;
  reply: string;
  isAutomated: boolean;
  /** The HTML body; its pictures are relative URLs: `files/1-logo.png`. As hostile as it came. */
  html: string;
  files: readonly StoredFile[];
}

const FOLDER = /^[\da-f]{64}$/;

/**
 * Stores an inbound mail and its attachments in a folder of its own and returns the folder's name. A mail that comes over several
 * routes is stored once.
 */
export async function storeMail(inbox: string, event: MessageRoutingEvent): Promise<string> {
  const folder = inboundKey(event);
  if (await exists(join(inbox, folder))) return folder;
  const unfinished = join(inbox, `.${toPathSegment(event.data.id)}.part`);
  // A retry starts over: an attempt that failed may have left files behind.
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const attachments = readAttachments(event);
  const nameByFile = new Map(
    attachments.map(({ fileName }, index) => [fileName, `${index + 1}-${fileName}`]),
  );
  const files: StoredFile[] = [];
  for (const { fileName, contentType, isInline, decode } of attachments) {
    const name = nameByFile.get(fileName) ?? fileName;
    await writeFile(join(unfinished, name), decode());
    files.push({ name, contentType, isInline });
  }
  const toUrl = ({ fileName }: MailAttachment) =>
    `files/${encodeURIComponent(nameByFile.get(fileName) ?? fileName)}`;
  const mail: StoredMail = {
    subject: event.data.subject,
    sender: parseAddress(event.data.from)?.address ?? event.data.from,
    reply: replyText(event),
    isAutomated: isAutomated(event),
    html: resolveInlineImages(event, toUrl),
    files,
  };
  const message = {
    ...event.data,
    ...mail,
    thread: readThread(event),
    attachments: files.map(({ name }) => name),
  };
  await writeFile(join(unfinished, "message.json"), JSON.stringify(message, null, 2));
  try {
    await rename(unfinished, join(inbox, folder));
  } catch (error) {
    // Another route was quicker.
    if (!(await exists(join(inbox, folder)))) throw error;
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Reads a stored mail; `undefined` if there is none of this name. */
export async function readMail(inbox: string, folder: string): Promise<StoredMail | undefined> {
  const path = join(inbox, folder, "message.json");
  if (!FOLDER.test(folder) || !(await exists(path))) return undefined;
  return JSON.parse(await readFile(path, "utf8")) as StoredMail;
}

/** Reads a file of a stored mail; `undefined` if the mail has none of this name. */
export async function readMailFile(
  inbox: string,
  folder: string,
  name: string,
): Promise<{ file: StoredFile; content: Uint8Array } | undefined> {
  const mail = await readMail(inbox, folder);
  // Only names that are in the list: a path is not.
  const file = mail?.files.find((one) => one.name === name);
  if (file === undefined) return undefined;
  return { file, content: await readFile(join(inbox, folder, basename(file.name))) };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Returns the name of a folder made from a field of an event, at most 100 characters. */
function toPathSegment(id: unknown): string {
  return typeof id === "string" ? id.replace(/[^\w-]+/g, "_").slice(-100) : "";
}
