import { bundleConfig } from "../repo/presets/tsup.ts";

export default bundleConfig(["src/main.ts", "src/receiver.ts", "src/worker.ts"], ["libsql", "pg-native"]);
