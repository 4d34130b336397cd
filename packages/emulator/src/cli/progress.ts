import type { Output } from "./output.js";

const INTERVAL_MS = 1000;

/** Shows every second how far it has come. @returns ends that */
export function showProgress(output: Output, text: () => string): () => void {
  const timer = setInterval(() => output.progress(text()), INTERVAL_MS);
  return () => {
    clearInterval(timer);
    output.progress("");
  };
}
