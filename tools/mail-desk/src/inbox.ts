import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { AhaSendEventOf } from "@ahasend-webhooks/core";

/** Stores an inbound email and its attachments in a new folder and returns the folder's name. */
export async function storeMail(
  inbox: string,
  mail: AhaSendEventOf<"message.routing">["data"],
): Promise<string> {
  const { attachments, ...message } = mail;
  const folder = safeName(mail.id);
  const unfinished = join(inbox, `.${folder}.part`);
  // A retry starts over: an attempt that failed may have left files behind.
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const names: string[] = [];
  for (const [index, { filename, data }] of (attachments ?? []).entries()) {
    const name = `${index + 1}-${safeName(filename)}`;
    await writeFile(join(unfinished, name), Buffer.from(data, "base64"));
    names.push(name);
  }
  await writeFile(
    join(unfinished, "message.json"),
    JSON.stringify({ ...message, attachments: names }, null, 2),
  );
  await rm(join(inbox, folder), { recursive: true, force: true });
  await rename(unfinished, join(inbox, folder));
  return folder;
}

/** Returns a file name made from untrusted input: without a path or a leading dot, at most 100 characters. */
function safeName(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9._-]+/g, "_")
      .replace(/^\.+/, "")
      .slice(-100) || "unnamed"
  );
}
