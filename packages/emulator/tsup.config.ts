import { libraryConfig, programConfig } from "../../tools/repo/presets/tsup.ts";

export default [
  // Both are built at the same time: neither may clean away what the other has written.
  libraryConfig(["src/index.ts"], { clean: ["!cli/**"] }),
  programConfig(["src/cli/main.ts"], { outDir: "dist/cli" }),
];
