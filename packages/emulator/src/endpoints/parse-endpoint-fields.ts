import { sign } from "@ahasend-webhooks/core";

import { type Endpoint, type Webhook, defaults } from "./endpoint.js";

/**
 * Checks what a user sets about an endpoint; fields that are undefined are left out.
 *
 * @param checkUrl may refuse a URL
 * @throws {TypeError} for an unknown field or a wrong value
 */
export function parseEndpointFields(
  kind: Endpoint["kind"],
  input: object,
  checkUrl: (url: URL) => void,
): Partial<Endpoint> {
  const fields = Object.entries(input).filter(([, value]) => value !== undefined);
  for (const [name, value] of fields) assertField(kind, name, value, checkUrl);
  // Lists are the caller's own otherwise. Jest's jsdom environment has no structuredClone.
  return Object.fromEntries(fields.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]));
}

function assertField(
  kind: Endpoint["kind"],
  name: string,
  value: unknown,
  checkUrl: (url: URL) => void,
): void {
  if (!Object.hasOwn(defaults[kind], name)) {
    const names = Object.keys(defaults[kind]).join(", ");
    throw new TypeError(`A ${kind} has no field ${JSON.stringify(name)}: use ${names}.`);
  }
  const example = (defaults[kind] as Readonly<Record<string, unknown>>)[name];
  if (Array.isArray(example)) {
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (!isList) throw new TypeError(`${name} is not a list of texts: make it one.`);
  } else if (typeof value !== typeof example) {
    throw new TypeError(`${name} is not a ${typeof example}: make it one.`);
  }
  if (name === "url") checkUrl(parseUrl(String(value)));
  if (name === "secret") sign({ secret: String(value), id: "", timestamp: 0, body: "" });
}

/** @throws {TypeError} for a scope that is none, or leaves nothing */
export function assertScope({ scope, domains }: Pick<Webhook, "scope" | "domains">): void {
  if (scope !== "global" && scope !== "scoped") {
    throw new TypeError('scope is neither "global" nor "scoped": use one of them.');
  }
  if (scope === "scoped" && domains.length === 0) {
    throw new TypeError("A scoped webhook without domains gets nothing: list them in domains.");
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return parsed;
  throw new TypeError(
    `url ${JSON.stringify(url)} is not one of http or https: write http://localhost:3000/….`,
  );
}
