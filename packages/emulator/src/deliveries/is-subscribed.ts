import { type Endpoint, type InboundRoute, type Webhook, switches } from "../endpoints/endpoint.js";
import type { Payload } from "./payload.js";

/** Whether an endpoint gets an event. A type without a switch is a new one: webhooks get it without asking. */
export function isSubscribed(endpoint: Endpoint, payload: Payload): boolean {
  if (!endpoint.enabled) return false;
  const isRouting = payload.type === "message.routing" || payload.type === "route.message";
  if (endpoint.kind === "route") return isRouting && matchesRecipient(endpoint, payload);
  if (isRouting) return false;
  const switchName = Object.hasOwn(switches, payload.type)
    ? switches[payload.type as keyof typeof switches]
    : undefined;
  return (switchName === undefined || endpoint[switchName]) && isInScope(endpoint, payload);
}

/** The domain of the sender of an e-mail, of a suppression, or with broken DNS. */
function isInScope({ scope, domains }: Webhook, { data }: Payload): boolean {
  if (scope === "global") return true;
  const texts = [data["domain"], data["sending_domain"], ...parseAddresses(data["from"]).map(parseDomain)];
  const own = new Set(domains.map((domain) => domain.toLowerCase()));
  return texts.some((text) => typeof text === "string" && own.has(text.toLowerCase()));
}

function matchesRecipient({ recipient }: InboundRoute, { data }: Payload): boolean {
  return recipient === "*" || parseAddresses(data["to"]).some((address) => matches(recipient, address));
}

/** Returns whether a pattern matches in which `*` stands for any characters: part by part, so that no pattern is slow. */
function matches(pattern: string, address: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const text = address.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let end = first.length;
  for (const part of rest) {
    const start = text.indexOf(part, end);
    if (start === -1) return false;
    end = start + part.length;
  }
  return text.length - last.length >= end && text.endsWith(last);
}

/** The addresses in a header text: `Ada <ada@example.com>, bob@example.com`. */
function parseAddresses(text: unknown): string[] {
  if (typeof text !== "string") return [];
  return text.split(",").flatMap((part) => {
    const address = (/<([^<>]*)>/.exec(part)?.[1] ?? part).trim();
    return address.includes("@") ? [address] : [];
  });
}

function parseDomain(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
