import { bundleConfig } from "../repo/presets/tsup.ts";

// Not the core: a process must not have two.
export default bundleConfig(["src/index.ts"], ["@ahasend-webhooks/(core|mail)", "libsql", "pg-native"]);
