type Fields = Record<string, unknown>;

/** Returns the bodies of an inbound e-mail without the quoted part; those that have none are left out. */
export function stripReplies({ plain_body, reply_from_plain_body: reply, html_body }: Fields): Fields {
  return {
    ...(typeof plain_body === "string" && typeof reply === "string" && reply !== "" && { plain_body: reply }),
    ...(typeof html_body === "string" && { html_body: stripQuote(html_body) }),
  };
}

/** Cuts from the first `blockquote` to the end of the last: no pattern, which large mails would make slow. */
function stripQuote(html: string): string {
  const lowerCase = html.toLowerCase();
  const start = lowerCase.indexOf("<blockquote");
  if (start === -1) return html;
  const end = lowerCase.lastIndexOf(CLOSING_TAG);
  return html.slice(0, start) + (end > start ? html.slice(end + CLOSING_TAG.length) : "");
}

const CLOSING_TAG = "</blockquote>";
