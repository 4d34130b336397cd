import { libraryConfig } from "../../tools/repo/presets/tsup.ts";

export default libraryConfig();
