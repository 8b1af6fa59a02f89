import { defineConfig } from "vite";

/** The helper of web pages: one script without modules, beside the console's files. */
export default defineConfig({
  build: {
    outDir: "../src/gyeol/server/side/static",
    emptyOutDir: false,
    target: "es2022",
    reportCompressedSize: false,
    copyPublicDir: false,
    lib: { entry: "helper/gyeol.ts", formats: ["iife"], name: "gyeolScript", fileName: () => "gyeol.js" },
  },
});
