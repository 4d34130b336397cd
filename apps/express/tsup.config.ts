import { appConfig } from "../../tools/repo/presets/tsup.ts";

export default appConfig();
