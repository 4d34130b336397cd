import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { AhaSendEventOf } from "@ahasend-webhooks/core";

/** Stores an inbound e-mail in a folder of its own, its attachments beside it; returns the folder's name. */
export async function storeMail(
  inbox: string,
  mail: AhaSendEventOf<"message.routing">["data"],
): Promise<string> {
  const { attachments, ...message } = mail;
  const folder = safeName(mail.id);
  const unfinished = join(inbox, `.${folder}.part`);
  // A retry starts over: what an attempt that failed has left does not count.
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

/** A name chosen by a stranger, made fit for a file: no path, no leading dot, not endless. */
function safeName(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9._-]+/g, "_")
      .replace(/^\.+/, "")
      .slice(-100) || "unnamed"
  );
}
