/** The smallest valid content of common media types. */
const contents: Readonly<Record<string, Buffer>> = {
  "text/plain": Buffer.from("Anonymized.\n"),
  "text/html": Buffer.from("<!doctype html><title>Anonymized</title>\n"),
  "text/csv": Buffer.from("anonymized\n1\n"),
  "text/markdown": Buffer.from("Anonymized.\n"),
  "text/calendar": Buffer.from(
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//anonymized//EN\r\nEND:VCALENDAR\r\n",
  ),
  "text/vcard": Buffer.from("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anonymized\r\nEND:VCARD\r\n"),
  "text/xml": Buffer.from("<anonymized/>\n"),
  "application/xml": Buffer.from("<anonymized/>\n"),
  "application/json": Buffer.from("{}\n"),
  "application/pdf": createPdf(),
  "application/zip": createZip(),
  "application/gzip": Buffer.from("H4sIAAAAAAAAAwMAAAAAAAAAAAA=", "base64"),
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": createZip(),
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": createZip(),
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": createZip(),
  "image/png": Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
  "image/jpeg": Buffer.from(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=",
    "base64",
  ),
  "image/webp": Buffer.from("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vv9UAA=", "base64"),
  "image/gif": Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64"),
  "image/svg+xml": Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'),
  "message/rfc822": Buffer.from("Subject: Anonymized\r\n\r\nAnonymized.\r\n"),
  "message/delivery-status": Buffer.from("Reporting-MTA: dns; anonymized.example\r\n\r\n"),
};

/** Media types that are kept although their content is only a few bytes. */
const OTHERS =
  /^(image\/heic|audio\/(mpeg|wav|ogg)|video\/(mp4|quicktime)|application\/(msword|rtf|pkcs7-signature|pgp-signature))$/;

/** Returns the media type of a content type without parameters; `application/octet-stream` if it is not a common one. */
export function toMediaType(contentType: string): string {
  if (contentType === "") return "";
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return Object.hasOwn(contents, type) || OTHERS.test(type) ? type : "application/octet-stream";
}

/** Returns a short content of a media type: one that programs can open, for common types. */
export function createContent(mediaType: string): Buffer {
  return contents[mediaType] ?? Buffer.from("anonymized");
}

/** Returns the end of an archive without entries. */
function createZip(): Buffer {
  return Buffer.concat([Buffer.from("PK\u0005\u0006"), Buffer.alloc(18)]);
}

/** Returns a document with an empty page. */
function createPdf(): Buffer {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
  ];
  let text = "%PDF-1.4\n";
  const offsets: string[] = [];
  for (const [index, object] of objects.entries()) {
    offsets.push(`${String(text.length).padStart(10, "0")} 00000 n \n`);
    text += `${index + 1} 0 obj${object}endobj\n`;
  }
  const table = `xref\n0 4\n0000000000 65535 f \n${offsets.join("")}`;
  return Buffer.from(`${text}${table}trailer<</Size 4/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`);
}
