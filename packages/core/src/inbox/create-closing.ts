import { setMaxListeners } from "node:events";

/**
 * Creates the controller with which a worker stops all its handlers. Each of them listens to its signal, and Node.js would
 * take more than ten listeners for a leak.
 */
export function createClosing(): AbortController {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return closing;
}
