import { randomBytes, randomUUID } from "node:crypto";

import {
  type Endpoint,
  type Mutable,
  type InboundRoute,
  type InboundRouteChanges,
  type InboundRouteInput,
  type Webhook,
  type WebhookChanges,
  type WebhookInput,
  defaults,
  initialCounters,
} from "./endpoint.js";
import { assertScope, parseEndpointFields } from "./parse-endpoint-fields.js";
import { EmulatorError } from "../errors.js";
import { type Obstacle, checkObstacle } from "./obstacle.js";

/** The webhooks and routes of an emulator. */
export interface Endpoints {
  /** @throws {TypeError} for a wrong field @throws {EmulatorError} `remote_address` for a URL of another machine */
  create(input: WebhookInput): Webhook;
  create(input: InboundRouteInput): InboundRoute;
  create(input: WebhookInput | InboundRouteInput): Endpoint;
  /** In the order in which they were made. */
  list(): Endpoint[];
  /** @throws {EmulatorError} `endpoint_not_found` */
  get(id: string): Endpoint;
  /** Changes the fields that are given. Attempts to come use the new ones. */
  change(id: string, changes: WebhookChanges | InboundRouteChanges): Endpoint;
  /** Switches it on, and its failures in a row are forgotten. */
  enable(id: string): Endpoint;
  /** Switches it off: its pending deliveries are cancelled. */
  disable(id: string): Endpoint;
  /**
   * Pauses the endpoint, fails in its place or slows it down; `null` lets deliveries through again.
   *
   * @throws {TypeError} for a wrong obstacle
   * @example
   * emulator.endpoints.obstruct(webhook.id, { kind: "fail", status: 503 });
   */
  obstruct(id: string, obstacle: Obstacle | null): Endpoint;
  /** Its pending deliveries are cancelled. */
  delete(id: string): void;
}

/** What the endpoints go by, and who has to do something about a change. */
export interface EndpointHooks {
  /** More failed attempts in a row than this switch an endpoint off. */
  disableAfterFailures: number;
  /** @throws {EmulatorError} when nothing may be sent there */
  checkUrl(url: URL): void;
  changed(endpoint: Endpoint): void;
  deleted(endpoint: Endpoint): void;
}

/** Each event may make a delivery for every one of them. */
const MAX_ENDPOINTS = 1000;

/** Keeps the endpoints and their counters. */
export class EndpointList implements Endpoints {
  readonly #endpoints = new Map<string, Mutable<Endpoint>>();
  readonly #hooks: EndpointHooks;

  constructor(hooks: EndpointHooks) {
    this.#hooks = hooks;
  }

  create(input: WebhookInput): Webhook;
  create(input: InboundRouteInput): InboundRoute;
  create(input: WebhookInput | InboundRouteInput): Endpoint;
  create({ kind = "webhook", ...input }: WebhookInput | InboundRouteInput): Endpoint {
    if (!Object.hasOwn(defaults, kind)) {
      throw new TypeError(`There is no endpoint of kind ${JSON.stringify(kind)}: use webhook or route.`);
    }
    if (this.#endpoints.size >= MAX_ENDPOINTS) {
      throw new TypeError(`There are ${MAX_ENDPOINTS} endpoints already: delete one first.`);
    }
    const prefix = kind === "webhook" ? "aha-whsec-" : "aha-rsec-";
    const fields = {
      ...defaults[kind],
      name: input.url,
      secret: prefix + randomBytes(24).toString("base64url"),
      // A missing URL is a wrong one.
      ...this.#checked(kind, { ...input, url: input.url ?? "" }),
    };
    const endpoint = {
      kind,
      id: randomUUID(),
      ...fields,
      obstacle: null,
      ...initialCounters,
    } as Mutable<Endpoint>;
    if (endpoint.kind === "webhook") assertScope(endpoint);
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

  change(id: string, changes: WebhookChanges | InboundRouteChanges): Endpoint {
    const endpoint = this.#get(id);
    const checked = this.#checked(endpoint.kind, changes);
    if (endpoint.kind === "webhook") assertScope({ ...endpoint, ...checked });
    if (checked.enabled === true && !endpoint.enabled) endpoint.errors_since_last_success = 0;
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

  obstruct(id: string, obstacle: Obstacle | null): Endpoint {
    const endpoint = this.#get(id);
    if (obstacle !== null) checkObstacle(obstacle);
    endpoint.obstacle = obstacle;
    this.#hooks.changed(endpoint);
    return endpoint;
  }

  delete(id: string): void {
    const endpoint = this.#get(id);
    this.#endpoints.delete(id);
    // What is under way ends with its answer.
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
      if (endpoint.errors_since_last_success > this.#hooks.disableAfterFailures) endpoint.enabled = false;
    }
    this.#hooks.changed(endpoint);
  }

  #get(id: string): Mutable<Endpoint> {
    const endpoint = this.#endpoints.get(id);
    if (endpoint !== undefined) return endpoint;
    throw new EmulatorError("endpoint_not_found", `There is no endpoint ${id}: list() names them.`);
  }

  #checked(kind: Endpoint["kind"], input: object): Partial<Endpoint> {
    return parseEndpointFields(kind, input, (url) => this.#hooks.checkUrl(url));
  }
}
