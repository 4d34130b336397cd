import type { Pretty } from "./to-pretty.js";

/**
 * Indents a large body in a worker, so that the page stays responsive.
 *
 * @param onDone called with `undefined` if the body is not JSON
 * @returns a function that ends the worker
 */
export function startPretty(bytes: Uint8Array, onDone: (pretty: Pretty | undefined) => void): () => void {
  trustOwnScripts();
  const worker = new Worker(new URL("./pretty-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Pretty | undefined>) => {
    worker.terminate();
    onDone(data);
  });
  worker.postMessage(bytes, []);
  return () => worker.terminate();
}

/** The part of the Trusted Types API that is used here; not all browsers have it. */
interface TrustedTypes {
  readonly defaultPolicy: object | null;
  createPolicy(name: "default", rules: { createScriptURL: (url: string) => string }): object;
}

/** The content security policy lets a string start a worker only if the default Trusted Types policy accepts it. */
function trustOwnScripts(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined || trustedTypes.defaultPolicy !== null) return;
  trustedTypes.createPolicy("default", {
    createScriptURL(url) {
      if (new URL(url).origin === location.origin) return url;
      throw new TypeError(`${url} is not a script of this page.`);
    },
  });
}
