import { Buffer } from "node:buffer";

import type { MessageRoutingEvent, RoutingAttachment } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { replaceCidUrls } from "./cid-urls.js";
import { createUniqueNames, toSafeFileName } from "./safe-file-name.js";

/** A file that came with an inbound mail. */
export interface MailAttachment {
  /** Safe to create in a folder of this mail, and different from the names of its other attachments. */
  readonly fileName: string;
  /** The media type without parameters, in lower case, as the sender of the mail says: do not rely on it. */
  readonly contentType: string;
  /** The decoded `content_id`; `""` if there is none. */
  readonly contentId: string;
  /** `true` for a picture that `html_body` shows; `false` for a file to offer on its own. */
  readonly isInline: boolean;
  /** Decodes the content. Broken base64 gives the bytes up to, and without, what is broken. Throws nothing. */
  readonly decode: () => Uint8Array;
}

const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;

/**
 * Returns the attachments of an inbound mail in AhaSend's order: attachments, inline ones, other parts with a file name. Their
 * bytes are decoded only when you ask for them.
 *
 * Inline is what `html_body` refers to by `cid:`. Neither the disposition (Apple Mail marks PDFs as `inline`) nor a content id
 * (Outlook gives one to every file) would do: a file that is shown nowhere must not be hidden.
 *
 * Source: the contract, "`data` of `message.routing`" (`attachments` may be `null`, `content_id`, `disposition`). Throws nothing.
 *
 * @example
 * for (const { fileName, isInline, decode } of readAttachments(event)) {
 *   if (!isInline) await writeFile(join(folder, fileName), decode());
 * }
 */
export function readAttachments(event: MessageRoutingEvent): MailAttachment[] {
  const shown = readShownIds(event);
  const toUnique = createUniqueNames();
  return listAttachments(event).map(({ filename, content_type, content_id, data }) => {
    const contentId = readString(content_id);
    return {
      fileName: toUnique(toSafeFileName(readString(filename))),
      contentType: toMediaType(readString(content_type)),
      contentId,
      isInline: contentId !== "" && shown.has(contentId),
      decode: () => Buffer.from(readString(data), "base64"),
    };
  });
}

/**
 * Returns `html_body` with the `cid:` URLs of its pictures replaced. The URL that you return may be of any kind and is escaped for
 * HTML; for `undefined` the `cid:` URL stays, as do those without an attachment. The rest of the HTML is as the sender of the mail
 * wrote it: sanitize it before you show it.
 *
 * Source: the contract, "`data` of `message.routing`" (`content_id` is percent-decoded with `+` → space). Throws only what `toUrl`
 * throws.
 *
 * @example
 * const html = resolveInlineImages(event, ({ fileName }) => `/mails/${id}/${encodeURIComponent(fileName)}`);
 */
export function resolveInlineImages(
  event: MessageRoutingEvent,
  toUrl: (attachment: MailAttachment) => string | undefined,
): string {
  const byId = new Map<string, MailAttachment>();
  for (const attachment of readAttachments(event)) {
    if (attachment.isInline && !byId.has(attachment.contentId)) byId.set(attachment.contentId, attachment);
  }
  return replaceCidUrls(readString(event.data.html_body), (contentId) => {
    const attachment = byId.get(contentId);
    const url = attachment === undefined ? undefined : toUrl(attachment);
    return url === undefined ? undefined : escapeUrl(url);
  });
}

function listAttachments({ data }: MessageRoutingEvent): Partial<RoutingAttachment>[] {
  const { attachments } = data;
  if (!Array.isArray(attachments)) return [];
  return attachments.filter((attachment) => typeof attachment === "object" && attachment !== null);
}

function readShownIds({ data }: MessageRoutingEvent): ReadonlySet<string> {
  const shown = new Set<string>();
  replaceCidUrls(readString(data.html_body), (contentId) => {
    shown.add(contentId);
    return undefined;
  });
  return shown;
}

function toMediaType(contentType: string): string {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return MEDIA_TYPE.test(type) ? type : "application/octet-stream";
}

/** Ends neither an attribute, in whichever quotes, nor the `url()` of a style. */
function escapeUrl(url: string): string {
  return url
    .replace(
      /[\s"'<>()`\\]/g,
      (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
    )
    .replaceAll("&", "&amp;");
}
