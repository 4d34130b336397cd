import { toPretty } from "./to-pretty.js";

/** Longer strings in large bodies are encoded files. */
const MAX_CHARACTERS = 2000;

/** Indents the bytes it gets, and replies with the result, or with `undefined` if they are not JSON. */
self.addEventListener("message", ({ data }: MessageEvent<Uint8Array>) => {
  self.postMessage(toPretty(new TextDecoder().decode(data), MAX_CHARACTERS), {});
});
