import { libraryConfig } from "../../tools/repo/presets/tsup.ts";

export default libraryConfig(["src/index.ts", "src/contract.ts", "src/node.ts"]);
