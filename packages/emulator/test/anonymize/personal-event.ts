import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import fc from "fast-check";

/** Personal values, each of which can be found again in any encoding. */
export interface PersonalValues {
  local: string;
  domain: string;
  name: string;
  subject: string;
  word: string;
  file: string;
  ids: string[];
  ip: string;
}

/** A word that occurs nowhere else. */
const word = fc.stringMatching(/^[a-z]{4}[0-9][a-z]{4}$/);
const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("hex"));

export const personalValues: fc.Arbitrary<PersonalValues> = fc.record({
  local: fc.oneof(
    word,
    fc.tuple(word, word).map((words) => words.join(".")),
    fc.tuple(word, word).map((words) => words.join("+")),
  ),
  domain: fc.oneof(
    word.map((label) => `${label}.example`),
    word.map((label) => `mail.${label}.co.uk`),
  ),
  name: fc.oneof(
    word,
    word.map((last) => `Zoë ${last}`),
    word.map((last) => `${last}, "Q" Ünal`),
  ),
  subject: word,
  word,
  file: word,
  ids: fc.array(id, { minLength: 3, maxLength: 3 }),
  ip: fc.oneof(
    fc.ipV4().filter((ip) => ip.length > 9),
    fc.ipV6().filter((ip) => ip.length > 15),
  ),
});

/** Everything of the values that must not be found. */
export function listTokens({ local, domain, name, subject, word, file, ids, ip }: PersonalValues): string[] {
  const words = [local, domain, name].flatMap((value) => value.match(/[a-z]{4}[0-9][a-z]{4}/g) ?? []);
  return [`${local}@${domain}`, ...words, name, subject, word, file, ...ids, ip];
}

const toUuid = (hex: string, version = "7") =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
const toBase64 = (text: string) => Buffer.from(text).toString("base64");
const toEncodedWord = (text: string) => `=?utf-8?B?${toBase64(text)}?=`;

/** Events of all types with the values wherever AhaSend and people can put them, each value in several encodings. */
export function createPersonalEvents(values: PersonalValues): { type: string; data: object }[] {
  const { local, domain, name, subject, word, file, ids, ip } = values;
  const address = `${local}@${domain}`;
  const mailbox = `${JSON.stringify(name)} <${address}>`;
  const [first = "", second = "", third = ""] = ids;
  const all = `${word} ${address} ${name} ${subject} ${first} ${ip}`;
  const message = {
    account_id: toUuid(second, "4"),
    from: mailbox,
    recipient: address,
    subject: `Re: ${subject} <${address}>`,
    message_id_header: `<${toUuid(first)}@${domain}>`,
    id: third,
    user_agent: `Mozilla/5.0 (${address})`,
    ip,
    url: `https://${domain}/${word}?to=${encodeURIComponent(address)}`,
    delivery_attempt: {
      smtp_code: 550,
      classification: "InvalidRecipient",
      response: `<${address}>: ${all}`,
      description: all,
      command: "RCPT TO",
    },
    reason: `${name} asked for it`,
    sending_domain: domain,
    domain,
    // Fields that do not exist yet.
    tag_of: all,
    nested: { [address]: [name, { [word]: all }], [first]: 4711 },
    list: [address, `<${toUuid(first)}@${domain}>`, toUuid(second), `https://${domain}/`, ip],
    [address]: word,
  };
  const mail = {
    ...message,
    to: `${mailbox}, (${word}) ${address}, undisclosed ${word}:;`,
    reply_to: `${toEncodedWord(name)} <${address}>`,
    cc: `${address.toUpperCase()}, ${address} (${name})`,
    message_id: `<${word}@${domain}>`,
    in_reply_to: `<${toUuid(second)}@${domain}>`,
    references: `<${toUuid(first)}@${domain}> <${word}@${domain}> ${word}`,
    date: `Tue, 14 Jul 2026 17:03:19 +0200 (${word})`,
    auto_submitted: `auto-replied; owner-email="${address}"`,
    html_body: `<p>${all}</p><img src="cid:${word}%40${domain}"> &#${word.charCodeAt(0)};${word.slice(1)}`,
    plain_body: `${all}\n> ${toBase64(all)}`,
    reply_from_plain_body: all,
    attachments: [
      {
        filename: `${file}.PDF`,
        content_type: `application/pdf; name="${file}.pdf"`,
        content_id: `${word}@${domain}`,
        disposition: "inline",
        data: toBase64(`%PDF ${all}`),
      },
      {
        filename: file,
        content_type: `application/vnd.${word}`,
        disposition: word,
        data: toBase64(all),
        extra: all,
      },
      word,
    ],
    headers: {
      "Authentication-Results": `mx.${domain}; spf=pass smtp.mailfrom=${address}`,
      "Content-Type": `multipart/mixed; boundary="${word}"`,
      From: `${toEncodedWord(name)} <${address}>`,
      "List-Unsubscribe": `<https://${domain}/u/${encodeURIComponent(address)}>, <mailto:leave@${domain}?subject=${word}>`,
      Received: `from ${domain} ([${ip}]) by mx for <${address}>`,
      "Return-Path": `<bounce+${local}=${domain}@${domain}>`,
      Subject: toEncodedWord(`Re: ${subject} <${address}>`),
      To: `${name.replaceAll(/[",]/g, "")} <${address}>`,
      "X-Customer-Id": toUuid(second, "4"),
      [`X-${word}-Id`]: first,
      "X-Mailer": `${word}@Home`,
      "X-Priority": `1 (${word})`,
    },
  };
  return eventTypes.map((type) => {
    const base = createEvent(type, { webhook_id: toUuid(third, "4") } as object);
    const data = type === "message.routing" ? mail : message;
    return { ...base, data: { ...base.data, ...data } };
  });
}
