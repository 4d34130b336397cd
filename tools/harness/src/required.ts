/**
 * Returns whether tests that need a server can run. Without it they are skipped with one loud line; on CI, where nothing may
 * be skipped, they fail.
 *
 * @throws {Error} on CI, when it is missing
 */
export function required(name: string, available: boolean): boolean {
  if (available) return true;
  if (process.env["CI"] === "true") throw new Error(`${name} is not installed: install it.`);
  console.warn(`SKIPPED: what needs ${name} is not tested, because it is not installed.`);
  return false;
}
