export { testConfig as default } from "../../tools/repo/presets/vitest.ts";
