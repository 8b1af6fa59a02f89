/** Serves the built console with the made-up API: `node mock/server.ts [folder]`. Prints the address as its first line. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { handle } from "./handler.ts";

const folder = process.argv[2] ?? join(import.meta.dirname, "../../src/gyeol/server/side/static");
/** As strict as the side process is, so that what it forbids fails here, too. */
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

function fileFor(path: string): string {
  const wanted = normalize(join(folder, path));
  return wanted.startsWith(folder + sep) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(folder, "index.html");
}

const server = createServer((request, response) => {
  if (handle(request, response)) return;
  const file = fileFor(new URL(request.url ?? "/", "http://console").pathname);
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": POLICY });
  createReadStream(file).pipe(response);
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address) console.log(`http://127.0.0.1:${address.port}`);
});
