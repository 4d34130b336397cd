import { randomBytes, randomUUID } from "node:crypto";

import { sign } from "@ahasend-webhooks/core";

import {
  type Endpoint,
  type Mutable,
  type Route,
  type RouteChanges,
  type RouteInput,
  type Webhook,
  type WebhookChanges,
  type WebhookInput,
  defaults,
  newCounters,
} from "./endpoint.js";
import { EmulatorError } from "./errors.js";

/** The webhooks and routes of an emulator. */
export interface Endpoints {
  /** @throws {TypeError} for a wrong field @throws {EmulatorError} `remote_address` for a URL of another machine */
  create(input: WebhookInput): Webhook;
  create(input: RouteInput): Route;
  create(input: WebhookInput | RouteInput): Endpoint;
  /** In the order in which they were made. */
  list(): Endpoint[];
  /** @throws {EmulatorError} `endpoint_not_found` */
  get(id: string): Endpoint;
  /** Changes the fields that are given. Attempts to come use the new ones. */
  change(id: string, changes: WebhookChanges | RouteChanges): Endpoint;
  /** Switches it on, and its failures in a row are forgotten. */
  enable(id: string): Endpoint;
  /** Switches it off: its pending deliveries are cancelled. */
  disable(id: string): Endpoint;
  /** Its pending deliveries are cancelled. */
  delete(id: string): void;
}

/** More failed attempts in a row than this switch an endpoint off. */
const MAX_FAILURES_IN_A_ROW = 100;

/** What others must do about a change. */
export interface EndpointHooks {
  /** @throws {EmulatorError} when nothing may be sent there */
  checkUrl(url: URL): void;
  changed(endpoint: Endpoint): void;
  deleted(endpoint: Endpoint): void;
}

/** Keeps the endpoints and their counters. */
export class EndpointList implements Endpoints {
  readonly #endpoints = new Map<string, Mutable<Endpoint>>();
  readonly #hooks: EndpointHooks;

  constructor(hooks: EndpointHooks) {
    this.#hooks = hooks;
  }

  create(input: WebhookInput): Webhook;
  create(input: RouteInput): Route;
  create(input: WebhookInput | RouteInput): Endpoint;
  create({ kind = "webhook", ...input }: WebhookInput | RouteInput): Endpoint {
    if (!Object.hasOwn(defaults, kind)) {
      throw new TypeError(`There is no endpoint of kind ${JSON.stringify(kind)}: use webhook or route.`);
    }
    const prefix = kind === "webhook" ? "aha-whsec-" : "aha-rsec-";
    const fields = {
      ...defaults[kind],
      name: input.url,
      secret: prefix + randomBytes(24).toString("base64url"),
      ...this.#checked(kind, input),
    };
    const endpoint = { kind, id: randomUUID(), ...fields, ...newCounters } as Mutable<Endpoint>;
    this.#checkScope(endpoint);
    this.restore(endpoint);
    this.#hooks.changed(endpoint);
    return endpoint;
  }

  /** Takes over an endpoint as it was. */
  restore(endpoint: Mutable<Endpoint>): void {
    this.#endpoints.set(endpoint.id, endpoint);
  }

  list(): Endpoint[] {
    return [...this.#endpoints.values()];
  }

  find(id: string): Endpoint | undefined {
    return this.#endpoints.get(id);
  }

  get(id: string): Endpoint {
    return this.#get(id);
  }

  change(id: string, changes: WebhookChanges | RouteChanges): Endpoint {
    const endpoint = this.#get(id);
    const checked = this.#checked(endpoint.kind, changes);
    this.#checkScope({ ...endpoint, ...checked });
    if (checked["enabled"] === true && !endpoint.enabled) endpoint.errors_since_last_success = 0;
    Object.assign(endpoint, checked);
    this.#hooks.changed(endpoint);
    return endpoint;
  }

  enable(id: string): Endpoint {
    return this.change(id, { enabled: true });
  }

  disable(id: string): Endpoint {
    return this.change(id, { enabled: false });
  }

  delete(id: string): void {
    const endpoint = this.#get(id);
    this.#endpoints.delete(id);
    endpoint.enabled = false;
    this.#hooks.deleted(endpoint);
  }

  /** Counts an attempt, and switches the endpoint off when too many in a row have failed. */
  count(id: string, succeeded: boolean, startedAt: Date): void {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) return;
    endpoint.last_request_at = startedAt.toISOString();
    if (succeeded) {
      endpoint.success_count += 1;
      endpoint.errors_since_last_success = 0;
    } else {
      endpoint.error_count += 1;
      endpoint.errors_since_last_success += 1;
      if (endpoint.errors_since_last_success > MAX_FAILURES_IN_A_ROW) endpoint.enabled = false;
    }
    this.#hooks.changed(endpoint);
  }

  #get(id: string): Mutable<Endpoint> {
    const endpoint = this.#endpoints.get(id);
    if (endpoint !== undefined) return endpoint;
    throw new EmulatorError("endpoint_not_found", `There is no endpoint ${id}: list() names them.`);
  }

  /** The fields that are set, once they are found right. */
  #checked(kind: Endpoint["kind"], input: object): Record<string, unknown> {
    const fields = Object.entries(input).filter(([, value]) => value !== undefined);
    for (const [name, value] of fields) {
      const example = (defaults[kind] as Record<string, unknown>)[name];
      if (example === undefined) {
        const names = Object.keys(defaults[kind]).join(", ");
        throw new TypeError(`A ${kind} has no field ${JSON.stringify(name)}: use ${names}.`);
      }
      if (typeof value !== typeof example || Array.isArray(value) !== Array.isArray(example)) {
        const type = Array.isArray(example) ? "list" : typeof example;
        throw new TypeError(`${name} is not a ${type}: change it to one.`);
      }
      if (name === "url") this.#hooks.checkUrl(parseUrl(value as string));
      if (name === "secret") sign({ secret: value as string, id: "", timestamp: 0, body: "" });
    }
    return Object.fromEntries(fields);
  }

  #checkScope(endpoint: Endpoint): void {
    if (endpoint.kind === "route") return;
    if (endpoint.scope !== "global" && endpoint.scope !== "scoped") {
      throw new TypeError('scope is neither "global" nor "scoped": use one of them.');
    }
    if (endpoint.scope === "scoped" && endpoint.domains.length === 0) {
      throw new TypeError("A scoped webhook without domains gets nothing: list them in domains.");
    }
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return parsed;
  throw new TypeError(
    `url ${JSON.stringify(url)} is not one of http or https: write http://localhost:3000/….`,
  );
}
