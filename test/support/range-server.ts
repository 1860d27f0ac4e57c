import { createServer, type Server } from "node:https";

/**
 * A file server that knows open ranges and nothing of AWS: `/new.bin` on a free port of 127.0.0.1.
 *
 * @param ranges receives the Range header of each request
 */
export function serveRanges(
  cert: string,
  key: string,
  content: Uint8Array,
  ranges: (string | undefined)[],
): Promise<Server> {
  const server = createServer({ cert, key }, (request, response) => {
    ranges.push(request.headers.range);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? Number.NaN);
    if (request.url !== "/new.bin" || !(start < content.length)) return response.writeHead(404).end();
    return response
      .writeHead(206, {
        "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
        "content-length": content.length - start,
      })
      .end(content.subarray(start));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
