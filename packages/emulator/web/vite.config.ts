import { defineConfig } from "vite";

/** The page, built to be served by `src/dev/server.ts`. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    // What light-dark() asks for; it would be rewritten at length for older ones.
    target: ["chrome123", "edge123", "firefox120", "safari17.5"],
    modulePreload: false,
    // What is bundled is under the MIT licence, which asks to be passed on.
    license: { fileName: "licenses.md" },
    // An image in the page would have to be allowed by the content security policy.
    assetsInlineLimit: 0,
  },
});
