import { libraryConfig } from "../../presets/tsup.ts";

export default libraryConfig();
