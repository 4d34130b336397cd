import { randomBytes, randomUUID } from "node:crypto";

import { EmulatorError } from "../errors.js";
import {
  type Endpoint,
  type InboundRoute,
  type InboundRouteChanges,
  type InboundRouteInput,
  type Mutable,
  type Webhook,
  type WebhookChanges,
  type WebhookInput,
  defaults,
  initialCounters,
} from "./endpoint.js";
import { type EndpointOverride, assertEndpointOverride } from "./endpoint-override.js";
import { assertScope, parseEndpointFields } from "./parse-endpoint-fields.js";

/** The webhooks and inbound routes of an emulator. */
export interface Endpoints {
  /** @throws {TypeError} for an invalid field @throws {EmulatorError} `remote_address` for a URL of another machine */
  create(input: WebhookInput): Webhook;
  create(input: InboundRouteInput): InboundRoute;
  create(input: WebhookInput | InboundRouteInput): Endpoint;
  /** Returns the endpoints, oldest first. */
  list(): Endpoint[];
  /** @throws {EmulatorError} `endpoint_not_found` */
  get(id: string): Endpoint;
  /** Changes the given fields, for later attempts. @throws {TypeError} for an invalid field */
  change(id: string, changes: WebhookChanges | InboundRouteChanges): Endpoint;
  /** Enables the endpoint, and resets its failures in a row. */
  enable(id: string): Endpoint;
  /** Disables the endpoint, and cancels its pending deliveries. */
  disable(id: string): Endpoint;
  /**
   * Pauses the endpoint, fails in its place or slows it down; `null` removes the override.
   *
   * @throws {TypeError} for an invalid override
   * @example
   * emulator.endpoints.override(webhook.id, { kind: "fail", status: 503 });
   */
  override(id: string, override: EndpointOverride | null): Endpoint;
  /** Deletes the endpoint, and cancels its pending deliveries. */
  delete(id: string): void;
}

/** Options of an {@link EndpointList}. */
export interface EndpointListOptions {
  /** Failed attempts in a row; one more disables an endpoint. */
  disableAfterFailures: number;
  /** @throws {EmulatorError} if requests to the URL are not allowed */
  assertAllowedUrl(url: URL): void;
  /** Called after every change of an endpoint, its counters included. */
  onChange(endpoint: Endpoint): void;
  onDelete(endpoint: Endpoint): void;
}

/** Each event may make a delivery for every one of them. */
const MAX_ENDPOINTS = 1000;

/** Keeps the endpoints and their counters. */
export class EndpointList implements Endpoints {
  readonly #endpoints = new Map<string, Mutable<Endpoint>>();
  readonly #options: EndpointListOptions;
  #onSettings: (endpoint: Endpoint) => void = () => undefined;

  constructor(options: EndpointListOptions) {
    this.#options = options;
  }

  /** Calls a listener when the user has created, changed or deleted an endpoint. A deleted one is disabled. */
  onSettings(listener: (endpoint: Endpoint) => void): void {
    this.#onSettings = listener;
  }

  create(input: WebhookInput): Webhook;
  create(input: InboundRouteInput): InboundRoute;
  create(input: WebhookInput | InboundRouteInput): Endpoint;
  create({ kind = "webhook", ...input }: WebhookInput | InboundRouteInput): Endpoint {
    if (!Object.hasOwn(defaults, kind)) {
      throw new TypeError(`${JSON.stringify(kind)} is not a kind of endpoint: use webhook or route.`);
    }
    if (this.#endpoints.size >= MAX_ENDPOINTS) {
      throw new TypeError(`There are already ${MAX_ENDPOINTS} endpoints: delete one first.`);
    }
    const prefix = kind === "webhook" ? "aha-whsec-" : "aha-rsec-";
    const fields = {
      ...defaults[kind],
      name: input.url,
      secret: prefix + randomBytes(24).toString("base64url"),
      // A missing URL fails as an invalid one.
      ...this.#parseFields(kind, { ...input, url: input.url ?? "" }),
    };
    const endpoint = {
      kind,
      id: randomUUID(),
      ...fields,
      override: null,
      ...initialCounters,
    } as Mutable<Endpoint>;
    if (endpoint.kind === "webhook") assertScope(endpoint);
    this.restore(endpoint);
    this.#applySettings(endpoint);
    return endpoint;
  }

  /** Adds an endpoint of an earlier run. */
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
    const fields = this.#parseFields(endpoint.kind, changes);
    if (endpoint.kind === "webhook") assertScope({ ...endpoint, ...fields });
    if (fields.enabled === true && !endpoint.enabled) endpoint.errors_since_last_success = 0;
    Object.assign(endpoint, fields);
    this.#applySettings(endpoint);
    return endpoint;
  }

  enable(id: string): Endpoint {
    return this.change(id, { enabled: true });
  }

  disable(id: string): Endpoint {
    return this.change(id, { enabled: false });
  }

  override(id: string, override: EndpointOverride | null): Endpoint {
    const endpoint = this.#get(id);
    if (override !== null) assertEndpointOverride(override);
    endpoint.override = override;
    this.#applySettings(endpoint);
    return endpoint;
  }

  delete(id: string): void {
    const endpoint = this.#get(id);
    this.#endpoints.delete(id);
    // Attempts in flight are not retried.
    endpoint.enabled = false;
    this.#options.onDelete(endpoint);
    this.#onSettings(endpoint);
  }

  /**
   * Counts an attempt, and disables the endpoint after too many failures in a row.
   *
   * @param startedAt `undefined` if nothing was sent
   */
  recordAttempt(id: string, succeeded: boolean, startedAt: Date | undefined): void {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) return;
    if (startedAt !== undefined) endpoint.last_request_at = startedAt.toISOString();
    if (succeeded) {
      endpoint.success_count += 1;
      endpoint.errors_since_last_success = 0;
    } else {
      endpoint.error_count += 1;
      endpoint.errors_since_last_success += 1;
      if (endpoint.errors_since_last_success > this.#options.disableAfterFailures) endpoint.enabled = false;
    }
    this.#options.onChange(endpoint);
  }

  #applySettings(endpoint: Endpoint): void {
    this.#options.onChange(endpoint);
    this.#onSettings(endpoint);
  }

  #get(id: string): Mutable<Endpoint> {
    const endpoint = this.#endpoints.get(id);
    if (endpoint !== undefined) return endpoint;
    throw new EmulatorError("endpoint_not_found", `There is no endpoint ${id}: see endpoints.list().`);
  }

  #parseFields(kind: Endpoint["kind"], input: object): Partial<Endpoint> {
    return parseEndpointFields(kind, input, (url) => this.#options.assertAllowedUrl(url));
  }
}
