import { createContent, toMediaType } from "./attachment-contents.js";
import type { Pseudonyms } from "./pseudonyms.js";
import { anonymizeUnknown } from "./rule.js";

const FILE_EXTENSION =
  /\.(txt|html?|csv|md|ics|vcf|xml|json|pdf|zip|gz|docx?|xlsx?|pptx?|png|jpe?g|gif|webp|heic|svg|eml|p7s|asc|mp[34]|wav|mov)$/i;

/** Anonymizes an attachment: another name, and a content of the same media type. */
export function anonymizeAttachment(value: unknown, pseudonyms: Pseudonyms): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return anonymizeUnknown(value, pseudonyms);
  const fields = value as Record<string, unknown>;
  const { content_type: contentType } = fields;
  const mediaType = toMediaType(typeof contentType === "string" ? contentType : "");
  const replacements: Record<string, (value: string) => string> = {
    filename: (name) =>
      pseudonyms.opaque("attachment", name) + (FILE_EXTENSION.exec(name)?.[0].toLowerCase() ?? ""),
    content_type: () => mediaType,
    content_id: (id) => anonymizeContentId(id, pseudonyms),
    disposition: (name) => (/^(attachment|inline|form-data|)$/.test(name) ? name : "attachment"),
    data: (data) => (data === "" ? "" : createContent(mediaType).toString("base64")),
  };
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const replacement = Object.hasOwn(replacements, name) ? replacements[name] : undefined;
      return replacement !== undefined && typeof field === "string"
        ? [name, replacement(field)]
        : [pseudonyms.opaque("field", name), anonymizeUnknown(field, pseudonyms)];
    }),
  );
}

function anonymizeContentId(value: string, pseudonyms: Pseudonyms): string {
  const domain = /@([^@]+)$/.exec(value)?.[1];
  return pseudonyms.opaque("content", value) + (domain === undefined ? "" : `@${pseudonyms.domain(domain)}`);
}

/** Returns a body in place of a plain one. */
export function anonymizePlainBody(value: string, pseudonyms: Pseudonyms): string {
  return value === "" ? "" : `${pseudonyms.opaque("body", value).replace("body-", "Body ")}, anonymized.\n`;
}

/** Returns a body in place of an HTML one. It shows the same embedded images. */
export function anonymizeHtmlBody(value: string, attachments: unknown, pseudonyms: Pseudonyms): string {
  if (value === "") return "";
  const ids = (Array.isArray(attachments) ? attachments : [])
    .map((attachment: unknown) => (attachment as { content_id?: unknown } | null)?.content_id)
    .filter((id): id is string => typeof id === "string" && id !== "");
  const images = /\bcid:/i.test(value) ? ids : [];
  return [
    `<p>${anonymizePlainBody(value, pseudonyms).trim()}</p>`,
    ...images.map((id) => `<img src="cid:${anonymizeContentId(id, pseudonyms)}">`),
  ].join("\n");
}
