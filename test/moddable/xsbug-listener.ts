/**
 * The far end of XS's debug connection: collects what programs trace and lets them go on wherever they stop. The
 * protocol is a stream of small XML documents; only the elements that are looked at here are taken apart.
 */
import { createServer, type Server, type Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

export interface XsbugHandlers {
  /** A whole line of trace, without its end. */
  readonly onTrace: (line: string) => void;
  /** The program stopped, for one at a `debugger` statement. It is continued. */
  readonly onBreak?: (message: string) => void;
  /** Values of the instruments, about once a second, by name. */
  readonly onSamples?: (values: Readonly<Record<string, number>>) => void;
  /** A program ended its connection: it is over. `name` as it introduced itself. */
  readonly onEnd?: (name: string) => void;
}

const ELEMENT = /<(log|break|samples|login|instrument)\b([^>]*?)(?:\/>|>([^<]*)<\/\1>)/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const GO = "\r\n<go/>\r\n";

function unescapeXml(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? whole;
  });
}

function attribute(attributes: string, name: string): string {
  return unescapeXml(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

/** One program's side of the protocol. */
class XsbugConnection {
  readonly #handlers: XsbugHandlers;
  readonly #decoder = new StringDecoder("utf8");
  readonly #instruments: string[] = [];
  #input = "";
  #line = "";
  name = "";

  constructor(handlers: XsbugHandlers) {
    this.#handlers = handlers;
  }

  /** Returns what is to be answered. */
  take(chunk: Buffer): string {
    this.#input += this.#decoder.write(chunk);
    let answer = "";
    const end = this.#input.lastIndexOf("</xsbug>");
    if (end < 0) return answer;
    const documents = this.#input.slice(0, end);
    this.#input = this.#input.slice(end);
    for (const [, element, attributes = "", content = ""] of documents.matchAll(ELEMENT)) {
      if (element === "login") {
        this.name = attribute(attributes, "name");
        answer += GO;
      } else if (element === "break") {
        this.#handlers.onBreak?.(unescapeXml(content).trim());
        this.#trace(content);
        answer += GO;
      } else if (element === "instrument") {
        this.#instruments.push(attribute(attributes, "name"));
      } else if (element === "samples") {
        this.#sample(content);
      } else {
        this.#trace(content);
      }
    }
    return answer;
  }

  end(): void {
    if (this.#line !== "") this.#handlers.onTrace(this.#line);
    this.#line = "";
    this.#handlers.onEnd?.(this.name);
  }

  #trace(content: string): void {
    const lines = (this.#line + unescapeXml(content)).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#handlers.onTrace(line.replace(/\r$/, ""));
  }

  #sample(content: string): void {
    const values = content.split(",").map(Number);
    this.#handlers.onSamples?.(Object.fromEntries(this.#instruments.map((name, index) => [name, values[index] ?? 0])));
  }
}

export class XsbugListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(handlers: XsbugHandlers) {
    this.#server = createServer((socket) => {
      const connection = new XsbugConnection(handlers);
      this.#sockets.add(socket);
      socket.on("data", (chunk: Buffer) => {
        const answer = connection.take(chunk);
        if (answer !== "") socket.write(answer);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        connection.end();
      });
    });
  }

  /** Listens on a free port of this computer. */
  static async open(handlers: XsbugHandlers): Promise<XsbugListener> {
    const listener = new XsbugListener(handlers);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once("error", reject);
      listener.#server.listen(0, "127.0.0.1", resolve);
    });
    return listener;
  }

  /** For `XSBUG_PORT`. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
