import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { mockApi } from "./mock/plugin.ts";

export default defineConfig({
  plugins: [react(), mockApi()],
  build: {
    outDir: "../src/gyeol/server/side/static",
    emptyOutDir: true,
    target: "es2022",
    // Fonts stay files of their own, so that a browser fetches only the letters that a page shows.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: { fileName: "licenses/packages.md" },
  },
});
