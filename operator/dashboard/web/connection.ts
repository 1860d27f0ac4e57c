import { HEARTBEAT_MS, type Refusal, type StreamEvents } from "../shown/index.js";

/** How it stands with the server. */
export type Link =
  | { readonly state: "connecting" | "live" }
  /** Nothing was heard since then: what the page shows is old. */
  | { readonly state: "stale"; readonly since: number }
  /** The server does not take the token. */
  | { readonly state: "denied"; readonly message: string };

export type Listener = {
  link(link: Link): void;
  event<Name extends keyof StreamEvents>(name: Name, value: StreamEvents[Name]): void;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;
const STALE_MS = 3 * HEARTBEAT_MS;
const WATCH_MS = 1000;
const TOKEN = "fota-token";

/**
 * The token: out of the address, where it is behind `#` and so is never sent by itself, and from then on out of this
 * tab's memory.
 */
export function takeToken(): string {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token !== undefined) {
    sessionStorage.setItem(TOKEN, token);
    history.replaceState(null, "", "#/");
  }
  return sessionStorage.getItem(TOKEN) ?? "";
}

/** Asks the server one thing. @throws Refused */
export async function ask(token: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(
    path,
    body === undefined
      ? { headers }
      : { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) },
  );
  const value: unknown = await response.json();
  if (!response.ok) throw new Refused(isRefusal(value) ? value : { error: "", message: response.statusText, mend: [] });
  return value;
}

/** What the server refused, in its words. */
export class Refused extends Error {
  readonly mend: readonly string[];
  constructor({ message, mend }: Refusal) {
    super(message);
    this.mend = mend;
  }
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "message" in value && "mend" in value;
}

/** Reads the stream of events, and begins anew whenever it ends or is silent. @returns ends it */
export function listen(token: string, listener: Listener): () => void {
  let closed = false;
  let heardAt = Date.now();
  let attempt = new AbortController();
  let pauseMs = FIRST_PAUSE_MS;
  const stale = () => listener.link({ state: "stale", since: heardAt });
  const watch = setInterval(() => {
    if (Date.now() - heardAt < STALE_MS) return;
    stale();
    attempt.abort();
  }, WATCH_MS);
  const run = async () => {
    while (!closed) {
      attempt = new AbortController();
      try {
        const headers = { Authorization: `Bearer ${token}` };
        const response = await fetch("/api/events", { headers, signal: attempt.signal });
        if (response.status === 401 || response.status === 403) {
          const value: unknown = await response.json();
          listener.link({ state: "denied", message: isRefusal(value) ? value.message : "" });
          clearInterval(watch);
          return;
        }
        if (response.body === null) throw new Error("no stream");
        for await (const { name, data } of eventsOf(response.body)) {
          heardAt = Date.now();
          pauseMs = FIRST_PAUSE_MS;
          listener.link({ state: "live" });
          dispatch(listener, name, data);
        }
      } catch {
        // What ended it does not matter: it is begun anew.
      }
      if (closed) return;
      stale();
      // Not all pages at the same moment.
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      heardAt = Math.max(heardAt, Date.now() - STALE_MS + WATCH_MS);
    }
  };
  listener.link({ state: "connecting" });
  void run();
  return () => {
    closed = true;
    clearInterval(watch);
    attempt.abort();
  };
}

const NAMES = ["hello", "fleet", "devices", "board", "ping"] as const;

/** The page's own server is believed in what it sends: both are made of the same sources. */
function dispatch(listener: Listener, name: string, data: string): void {
  const known = NAMES.find((one) => one === name);
  if (known !== undefined) listener.event(known, JSON.parse(data));
}

/** Events in a stream. [HTML: server-sent events, parsing] */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<{ name: string; data: string }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const text = decoder.decode(value, { stream: true });
    const pieces = text.split("\n\n");
    for (const piece of pieces.slice(0, -1)) {
      const whole = [...parts, piece].join("");
      parts = [];
      yield { name: fieldIn(whole, "event"), data: fieldIn(whole, "data") };
    }
    // Long events come in many pieces: they are joined once, at their end.
    const rest = pieces.at(-1) ?? "";
    if (rest !== "") parts.push(rest);
  }
}

function fieldIn(event: string, field: string): string {
  const line = event.split("\n").find((one) => one.startsWith(`${field}: `));
  return line?.slice(field.length + 2) ?? "";
}
