import type { Pretty } from "./to-pretty.js";
import workerUrl from "./pretty-worker.ts?worker&url";

/**
 * Indents a large body in a worker, so that the page stays responsive.
 *
 * @param onDone called with `undefined` if the body is not JSON
 * @returns a function that ends the worker
 */
export function startPretty(bytes: Uint8Array, onDone: (pretty: Pretty | undefined) => void): () => void {
  const worker = new Worker(trustUrl(workerUrl), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Pretty | undefined>) => {
    worker.terminate();
    onDone(data);
  });
  worker.postMessage(bytes, []);
  return () => worker.terminate();
}

/** The part of the Trusted Types API that is used here; not all browsers have it. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): TrustedPolicy;
}

interface TrustedPolicy {
  createScriptURL(url: string): string;
}

let policy: TrustedPolicy | undefined;

/** The content security policy allows one Trusted Types policy: this one, which knows a single URL. */
function trustUrl(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("worker", {
    createScriptURL(asked) {
      if (asked === workerUrl) return asked;
      throw new TypeError("Only the page's own worker may be started.");
    },
  });
  return policy === undefined ? url : policy.createScriptURL(url);
}
