import { spawn } from "node:child_process";

/** Opens a page in the user's browser, if there is one. */
export function openBrowser(url: string): void {
  const [command = "", ...args] = openerCommand(url);
  // Without a desktop there is none: the address has been printed.
  spawn(command, args, { detached: true, stdio: "ignore" })
    .on("error", () => undefined)
    .unref();
}

function openerCommand(url: string): string[] {
  if (process.platform === "darwin") return ["open", url];
  if (process.platform === "win32") return ["cmd", "/c", "start", "", url];
  return ["xdg-open", url];
}
