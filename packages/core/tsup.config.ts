import { libraryConfig } from "../../tools/repo/presets/tsup.ts";

const entries = ["src/index.ts", "src/node.ts", "src/inbox/index.ts", "src/sql/index.ts"];
const contract = "src/contract.ts";

export default [
  libraryConfig(entries, { clean: ["!contract.*"] }, [...entries, contract]),
  // By itself: index.js would import the chunk that they share for nothing, which bundlers warn about.
  libraryConfig([contract], { clean: false }, []),
];
