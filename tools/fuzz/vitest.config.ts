export { testConfig as default } from "../repo/presets/vitest.ts";
