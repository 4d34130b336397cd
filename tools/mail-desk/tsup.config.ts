import { programConfig } from "../repo/presets/tsup.ts";

export default programConfig(["src/index.ts"]);
