/**
 * Returns whether tests that need a server can run. Without it they are skipped with a warning; on CI, where nothing may
 * be skipped, they fail.
 *
 * @throws {Error} on CI, if the server is missing
 */
export function required(name: string, available: boolean): boolean {
  if (available) return true;
  if (process.env["CI"] === "true") throw new Error(`${name} is not installed: install it.`);
  console.warn(`SKIPPED: tests that need ${name}, because it is not installed.`);
  return false;
}
