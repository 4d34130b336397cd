import { findClosest } from "./find-closest.js";

/**
 * Refuses options that do not exist: a misspelt one would silently leave its default in force.
 *
 * @param names those that exist
 * @throws {TypeError} that names the option, and the one that is probably meant
 *
 * @example
 * assertKnownOptions(options, ["table", "onWarning"]);
 */
export function assertKnownOptions(options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options must be an object, not ${String(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const meant = findClosest(name, names);
    throw new TypeError(
      `${name} is not an option: ${meant === undefined ? `the options are ${names.join(", ")}.` : `did you mean ${meant}?`}`,
    );
  }
}
