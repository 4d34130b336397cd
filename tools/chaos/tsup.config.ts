import { programConfig } from "../repo/presets/tsup.ts";

export default programConfig(["src/main.ts", "src/receiver.ts", "src/worker.ts"]);
