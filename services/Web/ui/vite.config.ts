import { defineConfig } from "vite";

// One module and one style sheet, under fixed names: the pages name them, ASP.NET Core fingerprints them.
export default defineConfig({
  build: {
    outDir: "../wwwroot/ui",
    emptyOutDir: true,
    target: "es2022",
    rollupOptions: {
      input: "src/zoo.ts",
      output: { entryFileNames: "zoo.js", assetFileNames: "zoo[extname]" },
    },
  },
});
