import { programConfig } from "../../tools/repo/presets/tsup.ts";

export default programConfig(["src/main.ts", "src/worker.ts"]);
