import { signal } from "@preact/signals";

const themes = ["system", "light", "dark"] as const;

/** How bright the page is. */
export type Theme = (typeof themes)[number];

const KEY = "ahasend-emulator-theme";

/** What was chosen: `system` goes by the operating system. */
export const theme = signal<Theme>(themes.find((each) => each === localStorage.getItem(KEY)) ?? "system");

/** Shows the chosen theme, and remembers it. */
export function applyTheme(next: Theme = theme.value): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
  localStorage.setItem(KEY, next);
}

/** The one after the one that is shown. */
export function nextTheme(): Theme {
  return themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "system";
}
