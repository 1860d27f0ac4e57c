import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Aws } from "../../aws/index.js";
import { FotaError } from "../../failure/index.js";
import { fieldsIn, textOf } from "../../reading/index.js";
import { deviceView, FleetEye, type Patience, troubleOf } from "../eye/index.js";
import type { BoardFeed, Hello, Refusal, ShownBoard } from "../shown/index.js";
import { denied, HEADERS, LOOPBACK } from "./access.js";
import { Actions, readWish } from "./actions.js";
import { type PageFile, pageFiles } from "./page-files.js";
import { Viewers } from "./viewers.js";

const MAX_BODY_BYTES = 4096;
const MAX_CONNECTIONS = 100;

/** How a page is served. */
export type DashboardOptions = {
  readonly aws: Aws;
  /** Port on the loopback address. Default: a free one. */
  readonly port?: number | undefined;
  /** Offer actions. Default false: nothing can be changed. */
  readonly write?: boolean | undefined;
  readonly group?: string | undefined;
  readonly bucket?: string | undefined;
  readonly role?: string | undefined;
  /** Milliseconds between two looks at the jobs, and between two at what runs on the devices. */
  readonly everyMs: number;
  readonly fleetEveryMs: number;
  /** Devices that are asked for one by one in a look, where fleet indexing does not know them. */
  readonly devicesAsked: number;
  readonly patience: Patience;
  /** Simulated boards that are shown from inside. */
  readonly boards?: BoardFeed | undefined;
};

/** A page that is served. */
export type Dashboard = {
  /** With the token that the page needs. */
  readonly url: string;
  readonly origin: string;
  /** Resolves when a page is open. */
  readonly opened: Promise<void>;
  close(): Promise<void>;
};

/** Serves the page on the loopback address. AWS is asked only while a page is open. @throws FotaError */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const region = await options.aws.region();
  const server = new DashboardServer(options, region, await pageFiles());
  return await server.listen();
}

class DashboardServer {
  readonly #options: DashboardOptions;
  readonly #hello: Hello;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #token = randomBytes(24).toString("base64url");
  readonly #http: Server;
  readonly #viewers = new Viewers();
  readonly #eye: FleetEye;
  readonly #actions: Actions;
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  #port = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;
  readonly #endBoards: () => void;

  constructor(options: DashboardOptions, region: string, files: ReadonlyMap<string, PageFile>) {
    const { aws, group, bucket, role, patience, fleetEveryMs, devicesAsked, everyMs, boards } = options;
    this.#options = options;
    this.#files = files;
    const local = aws.local !== undefined;
    this.#hello = { write: options.write === true, region, local, group: group ?? "", everyMs };
    this.#eye = new FleetEye({ aws, group, patience, fleetEveryMs, devicesAsked });
    this.#actions = new Actions({ aws, bucket, role });
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.#endBoards = boards?.subscribe((board: ShownBoard) => this.#viewers.send("board", board)) ?? (() => {});
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#http.maxConnections = MAX_CONNECTIONS;
  }

  async listen(): Promise<Dashboard> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", (cause) =>
        reject(new FotaError("usage", `the port ${this.#options.port} cannot be used`, { cause })),
      );
      this.#http.listen(this.#options.port ?? 0, LOOPBACK, resolve);
    });
    const address = this.#http.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
    const origin = `http://${LOOPBACK}:${this.#port}`;
    return { url: `${origin}/#token=${this.#token}`, origin, opened: this.#opened, close: () => this.#close() };
  }

  async #close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#endBoards();
    this.#viewers.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await this.#looking;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers, url = "/" } = request;
    const { pathname, searchParams } = new URL(url, "http://page");
    const rules = { port: this.#port, token: this.#token, write: this.#hello.write };
    const denial = denied({ method, path: pathname, headers }, rules);
    try {
      if (denial !== undefined)
        refuse(response, denial.status, { error: denial.error, message: denial.message, mend: [] });
      else if (!pathname.startsWith("/api/")) this.#file(pathname, response);
      else if (method === "GET" && pathname === "/api/events") this.#stream(response);
      else if (method === "GET" && pathname === "/api/device")
        json(response, 200, await deviceView(this.#options.aws, searchParams.get("thing") ?? "", this.#eye.seen));
      else if (method === "POST" && pathname === "/api/plan")
        json(response, 200, await this.#actions.plan(readWish(fieldsIn(await textIn(request))), Date.now()));
      else if (method === "POST" && pathname === "/api/act") await this.#act(request, response);
      else refuse(response, 404, { error: "not-found", message: "there is no such thing", mend: [] });
    } catch (error) {
      const { message, mend } = troubleOf(error);
      refuse(response, 409, { error: error instanceof FotaError ? error.code : "failed", message, mend });
    }
  }

  #file(path: string, response: ServerResponse): void {
    const file = this.#files.get(path);
    if (file === undefined) {
      refuse(response, 404, { error: "not-found", message: "no such file", mend: [] });
      return;
    }
    response.writeHead(200, { ...HEADERS, "Content-Type": file.type });
    response.end(file.body);
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const plan = textOf(fieldsIn(await textIn(request))?.plan);
    const lines = await this.#actions.perform(plan, Date.now());
    this.#eye.expectNews();
    json(response, 200, { lines });
    this.#lookNow();
  }

  #stream(response: ServerResponse): void {
    this.#viewers.add(response, HEADERS, () => {
      if (this.#viewers.count === 0) clearTimeout(this.#timer);
    });
    this.#viewers.send("hello", this.#hello, response);
    const last = this.#eye.last;
    if (last !== undefined) {
      this.#viewers.greet(response, last.devices);
      this.#viewers.send("fleet", last.fleet, response);
    }
    for (const board of this.#options.boards?.boards() ?? []) this.#viewers.send("board", board, response);
    this.#open();
    this.#lookNow();
  }

  /** One look at a time; the next one follows while somebody looks on. */
  #lookNow(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#looking !== undefined) return;
    const look = async () => {
      const { fleet, devices } = await this.#eye.look(Date.now());
      if (this.#closed) return;
      this.#viewers.sendDevices(devices);
      this.#viewers.send("fleet", fleet);
    };
    this.#looking = look().finally(() => {
      this.#looking = undefined;
      if (this.#closed || this.#viewers.count === 0) return;
      this.#timer = setTimeout(() => this.#lookNow(), this.#options.everyMs);
    });
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...HEADERS, "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, refusal: Refusal): void {
  json(response, status, refusal);
}

/** @throws FotaError "usage" for one that is too long */
async function textIn(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new FotaError("usage", "the request is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
