/** The headings of `contract/README.md`: a test holds them against the file. */
export const contractHeadings = [
  "The request",
  "How it is delivered",
  "The envelope",
  "The eleven event types",
  "`data` of the message events",
  "`data` of `suppression.created`",
  "`data` of `domain.dns_error`",
  "`data` of `message.routing`",
  "What a dashboard user configures (for an emulator of the sender)",
  "The protocol beneath",
] as const;

const URL = "https://github.com/ahasend-webhooks/ahasend-webhooks/blob/main/contract/README.md";

/**
 * Returns where the contract states a rule: the heading, the statement, and a link.
 *
 * @example
 * contractSource("How it is delivered", "at least once");
 */
export function contractSource(heading: (typeof contractHeadings)[number], statement?: string): string {
  return `“${heading}”${statement === undefined ? "" : `, ${statement}`}: ${URL}#${toAnchor(heading)}`;
}

/** Returns the anchor that GitHub gives a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
