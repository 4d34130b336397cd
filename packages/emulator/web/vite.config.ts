import { defineConfig } from "vite";

import { readSnippets } from "./read-snippets.ts";

/** The build of the page, which `src/dev/server.ts` serves. */
export default defineConfig({
  root: import.meta.dirname,
  define: { SNIPPETS: JSON.stringify(readSnippets()) },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    // The oldest browsers with light-dark(): for older ones it would be expanded into much more CSS.
    target: ["chrome123", "edge123", "firefox120", "safari17.5"],
    modulePreload: false,
    // The bundled libraries are MIT-licensed, which requires shipping their licences.
    license: { fileName: "licenses.md" },
    // The content security policy does not allow inlined images.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
});
