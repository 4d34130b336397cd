import { type Endpoint, type InboundRoute, type Webhook, switches } from "../endpoints/endpoint.js";
import type { Payload } from "./payload.js";

/** Returns whether an endpoint gets an event. A type without a switch is a new one: every webhook gets it. */
export function isSubscribed(endpoint: Endpoint, payload: Payload): boolean {
  if (!endpoint.enabled) return false;
  const isRouting = payload.type === "message.routing" || payload.type === "route.message";
  if (endpoint.kind === "route") {
    return isRouting && (endpoint.recipient === "*" || findMatchedRecipients(endpoint, payload).length > 0);
  }
  if (isRouting) return false;
  const switchName = Object.hasOwn(switches, payload.type)
    ? switches[payload.type as keyof typeof switches]
    : undefined;
  return (switchName === undefined || endpoint[switchName]) && isInScope(endpoint, payload);
}

/** Compares the domain of the sender of an e-mail, of a suppression, or of a DNS error. */
function isInScope({ scope, domains }: Webhook, { data }: Payload): boolean {
  if (scope === "global") return true;
  const eventDomains = [
    data["domain"],
    data["sending_domain"],
    ...parseAddresses(data["from"]).map(parseDomain),
  ];
  const allowed = new Set(domains.map((domain) => domain.toLowerCase()));
  return eventDomains.some((domain) => typeof domain === "string" && allowed.has(domain.toLowerCase()));
}

/** Returns the addresses in `to` that a route matches. A pattern without `@` is about the local part. */
export function findMatchedRecipients({ recipient }: InboundRoute, { data }: Payload): string[] {
  return parseAddresses(data["to"]).filter((address) =>
    matches(recipient, recipient.includes("@") ? address : address.slice(0, address.lastIndexOf("@"))),
  );
}

/** Matches a pattern in which `*` stands for any characters: part by part, so that no pattern is slow. */
function matches(pattern: string, address: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const lowerCase = address.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return lowerCase === first;
  if (!lowerCase.startsWith(first)) return false;
  let end = first.length;
  for (const part of rest) {
    const start = lowerCase.indexOf(part, end);
    if (start === -1) return false;
    end = start + part.length;
  }
  return lowerCase.length - last.length >= end && lowerCase.endsWith(last);
}

/** Returns the addresses in a header: `Ada <ada@example.com>, bob@example.com`. */
function parseAddresses(header: unknown): string[] {
  if (typeof header !== "string") return [];
  return header.split(",").flatMap((part) => {
    const address = (/<([^<>]*)>/.exec(part)?.[1] ?? part).trim();
    return address.includes("@") ? [address] : [];
  });
}

function parseDomain(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
