import { libraryConfig } from "../../presets/tsup.ts";

export default libraryConfig(["src/index.ts", "src/node.ts"]);
