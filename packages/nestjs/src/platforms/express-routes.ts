/** A layer in the stack of Express's router. */
export interface Layer {
  name: string;
  match(path: string): unknown;
  route?: { path: string };
}

type RouteLayer = Layer & Required<Pick<Layer, "route">>;

/**
 * Nest's POST routes in Express's router, and which of them belong to one endpoint. Middleware is not included, even if
 * it has a route.
 */
export class ExpressRoutes {
  readonly #layers: () => Layer[];
  readonly #all = new Set<Layer>();
  readonly #own = new Set<RouteLayer>();

  constructor(layers: () => Layer[]) {
    this.#layers = layers;
  }

  /** Adds the route that was registered last. */
  addLast(isOwn: boolean): void {
    const layer = this.#layers().at(-1);
    if (layer === undefined || !isRoute(layer)) return;
    this.#all.add(layer);
    if (isOwn) this.#own.add(layer);
  }

  /** Lists the paths of the endpoint's routes. */
  listEndpointPaths(): string[] {
    return [...this.#own].map(({ route }) => route.path);
  }

  /** Returns true if the router will call the endpoint for this path. */
  leadsToEndpoint(path: string): boolean {
    const isMatch = (layer: Layer) => matches(layer, path);
    return [...this.#own].some(isMatch) && this.#own.has(this.#listInOrder().find(isMatch) as RouteLayer);
  }

  /** Moves the endpoint before catch-all routes, which must not take its deliveries. On Fastify they never do. */
  moveEndpointBeforeCatchAlls(): void {
    for (const layer of this.#own) {
      const { path } = layer.route;
      const first = this.#listInOrder().find(
        (other) => other.route.path !== path && matches(other, createExamplePath(path)),
      );
      const stack = this.#layers();
      if (first === undefined || stack.indexOf(first) > stack.indexOf(layer)) continue;
      stack.splice(stack.indexOf(layer), 1);
      stack.splice(stack.indexOf(first), 0, layer);
    }
  }

  #listInOrder(): RouteLayer[] {
    return this.#layers()
      .filter((layer) => this.#all.has(layer))
      .filter(isRoute);
  }
}

/** Creates a path that matches a route pattern. */
export function createExamplePath(pattern: string): string {
  return pattern.replace(/[{}]/g, "").replace(/[:*](\w+|"[^"]*")/g, "x");
}

function isRoute(layer: Layer): layer is RouteLayer {
  return layer.route !== undefined;
}

function matches(layer: Layer, path: string): boolean {
  try {
    return Boolean(layer.match(path));
  } catch {
    // A parameter cannot be decoded: the router will reply 400.
    return false;
  }
}
