import { programConfig } from "../../presets/tsup.ts";

export default programConfig(["src/main.ts", "src/server.ts"]);
