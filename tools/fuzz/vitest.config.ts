export { testConfig as default } from "../../presets/vitest.ts";
