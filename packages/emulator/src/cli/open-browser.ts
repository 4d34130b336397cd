import { spawn } from "node:child_process";

/** Opens a page in the user's browser, if one is available. */
export function openBrowser(url: string): void {
  const [command = "", ...args] = openerCommand(url);
  // There may be no desktop: the URL has been printed as well.
  spawn(command, args, { detached: true, stdio: "ignore" })
    .on("error", () => undefined)
    .unref();
}

function openerCommand(url: string): string[] {
  if (process.platform === "darwin") return ["open", url];
  if (process.platform === "win32") return ["cmd", "/c", "start", "", url];
  return ["xdg-open", url];
}
