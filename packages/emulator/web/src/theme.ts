import { signal } from "@preact/signals";

const themes = ["system", "light", "dark"] as const;

/** The colour theme of the page. */
export type Theme = (typeof themes)[number];

const KEY = "ahasend-emulator-theme";

/** The selected theme; `system` follows the operating system. */
export const theme = signal<Theme>(themes.find((each) => each === localStorage.getItem(KEY)) ?? "system");

/** Applies a theme and stores it for the next visit. */
export function applyTheme(next: Theme = theme.value): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
  localStorage.setItem(KEY, next);
}

/** Returns the theme that follows the current one in the cycle. */
export function nextTheme(): Theme {
  return themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "system";
}
