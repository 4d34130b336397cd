import { sign } from "@ahasend-webhooks/core";

import { type Endpoint, type Webhook, defaults } from "./endpoint.js";

/**
 * Validates the fields that a user sets, and returns a copy without undefined ones.
 *
 * @param assertUrl may reject a URL
 * @throws {TypeError} for an unknown field or an invalid value
 */
export function parseEndpointFields(
  kind: Endpoint["kind"],
  input: object,
  assertUrl: (url: URL) => void,
): Partial<Endpoint> {
  const fields = Object.entries(input).filter(([, value]) => value !== undefined);
  for (const [name, value] of fields) assertField(kind, name, value, assertUrl);
  // Lists are copied, as they belong to the caller. Jest's jsdom environment has no structuredClone.
  return Object.fromEntries(fields.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]));
}

function assertField(
  kind: Endpoint["kind"],
  name: string,
  value: unknown,
  assertUrl: (url: URL) => void,
): void {
  if (!Object.hasOwn(defaults[kind], name)) {
    const names = Object.keys(defaults[kind]).join(", ");
    throw new TypeError(`A ${kind} has no field ${JSON.stringify(name)}: use ${names}.`);
  }
  const example = (defaults[kind] as Readonly<Record<string, unknown>>)[name];
  if (Array.isArray(example)) {
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (!isList) throw new TypeError(`${name} must be an array of strings.`);
  } else if (typeof value !== typeof example) {
    throw new TypeError(`${name} must be a ${typeof example}.`);
  }
  if (name === "url") assertUrl(parseUrl(String(value)));
  if (name === "secret") sign({ secret: String(value), id: "", timestamp: 0, body: "" });
}

/** @throws {TypeError} for an unknown scope, or a scoped webhook without domains */
export function assertScope({ scope, domains }: Pick<Webhook, "scope" | "domains">): void {
  if (scope !== "global" && scope !== "scoped") {
    throw new TypeError('scope must be "global" or "scoped".');
  }
  if (scope === "scoped" && domains.length === 0) {
    throw new TypeError("A scoped webhook without domains gets no events: list them in domains.");
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return parsed;
  throw new TypeError(
    `url must be an http or https URL such as http://localhost:3000/…, not ${JSON.stringify(url)}.`,
  );
}
