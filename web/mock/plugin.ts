import type { Plugin } from "vite";
import { handle } from "./handler.ts";

/** Puts the made-up API behind `npm run dev`. */
export function mockApi(): Plugin {
  return {
    name: "gyeol-mock-api",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!handle(request, response)) next();
      });
    },
  };
}
