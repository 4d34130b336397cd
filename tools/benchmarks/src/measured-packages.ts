import { packages } from "@ahasend-webhooks/harness/workspace";

/** Packages that a production installation does not contain. */
const DEVELOPMENT_PACKAGES = ["emulator", "testing"];

/** The npm names of our packages that are measured: all but those for development. */
export const measuredPackages: readonly string[] = packages
  .filter((name) => !DEVELOPMENT_PACKAGES.includes(name))
  .map((name) => `@ahasend-webhooks/${name}`);
