import { computed, signal } from "@preact/signals";

/** What is shown: kept behind the `#` of the address, so that it can be linked to and gone back from. */
export type View =
  { view: "deliveries"; key?: string } | { view: "send"; from?: string } | { view: "endpoints" };

const hash = signal(location.hash);

/** What is shown now. */
export const currentView = computed(() => parse(hash.value));

/** Follows the address. */
export function watchAddress(): void {
  window.addEventListener("hashchange", () => (hash.value = location.hash));
}

/** Goes somewhere. */
export function navigate(target: View): void {
  location.hash = href(target);
}

/** The link to what can be shown. */
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
