import { libraryConfig } from "../../tools/repo/presets/tsup.ts";

export default libraryConfig(["src/index.ts", "src/store-model.ts", "src/inbox-model.ts"]);
