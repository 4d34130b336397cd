import { computed, signal } from "@preact/signals";

/** A view of the page. Kept in the URL after `#`, so that links and the back button work. */
export type View =
  | { view: "deliveries"; key?: string }
  | { view: "send"; from?: string }
  | { view: "endpoints" };

const hash = signal(location.hash);

/** The view that the URL names. */
export const currentView = computed(() => parse(hash.value));

/** Follows changes of the URL. */
export function watchAddress(): void {
  window.addEventListener("hashchange", () => (hash.value = location.hash));
}

/** Opens a view. */
export function navigate(target: View): void {
  location.hash = href(target);
}

/** Returns the link to a view. */
export function href(target: View): string {
  if (target.view === "deliveries")
    return `#/${target.key === undefined ? "" : encodeURIComponent(target.key)}`;
  if (target.view === "endpoints") return "#/endpoints";
  return target.from === undefined ? "#/send" : `#/send?${new URLSearchParams({ from: target.from })}`;
}

function parse(text: string): View {
  const [path = "", query = ""] = text.replace(/^#\/?/, "").split("?");
  if (path === "endpoints") return { view: "endpoints" };
  if (path === "send") {
    const from = new URLSearchParams(query).get("from");
    return from === null ? { view: "send" } : { view: "send", from };
  }
  return path === "" ? { view: "deliveries" } : { view: "deliveries", key: decode(path) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
