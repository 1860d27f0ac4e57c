import type { Hello, ShownBoard, ShownDevice, ShownFleet, StreamEvents } from "../shown/index.js";
import type { Link } from "./connection.js";

/** How a board's bytes went, for its throughput. */
export type Sample = { readonly at: number; readonly written: number; readonly received: number };
export type BoardState = { readonly board: ShownBoard; readonly samples: readonly Sample[] };

/** All that the page knows. */
export type State = {
  readonly link: Link;
  readonly hello: Hello | undefined;
  readonly fleet: ShownFleet | undefined;
  /** By name. */
  readonly devices: readonly ShownDevice[];
  readonly boards: ReadonlyMap<string, BoardState>;
};

/** Seconds of throughput that are kept. */
const SAMPLES_MS = 60_000;
const BY_NAME = new Intl.Collator("en", { numeric: true });

/** Holds the state, and tells of each change once for a picture of the screen. */
export class Store {
  state: State = { link: { state: "connecting" }, hello: undefined, fleet: undefined, devices: [], boards: new Map() };
  readonly #rows = new Map<string, ShownDevice>();
  readonly #changed: (state: State) => void;
  #isDue = false;

  constructor(changed: (state: State) => void) {
    this.#changed = changed;
  }

  link(link: Link): void {
    if (JSON.stringify(link) !== JSON.stringify(this.state.link)) this.#set({ link });
  }

  event<Name extends keyof StreamEvents>(name: Name, value: StreamEvents[Name]): void {
    if (is("hello", name, value)) this.#set({ hello: value });
    else if (is("fleet", name, value)) this.#set({ fleet: value });
    else if (is("devices", name, value)) this.#devices(value);
    else if (is("board", name, value)) this.#board(value);
  }

  #devices({ all, devices, gone }: StreamEvents["devices"]): void {
    const before = this.#rows.size;
    if (all) this.#rows.clear();
    for (const thing of gone) this.#rows.delete(thing);
    let isSame = !all && gone.length === 0;
    for (const device of devices) {
      isSame &&= this.#rows.has(device.thing);
      this.#rows.set(device.thing, device);
    }
    // The order only has to be found anew when other devices are there.
    const sorted =
      isSame && before > 0
        ? this.state.devices.map((device) => this.#rows.get(device.thing) ?? device)
        : [...this.#rows.values()].sort((one, other) => BY_NAME.compare(one.thing, other.thing));
    this.#set({ devices: sorted });
  }

  #board(board: ShownBoard): void {
    const known = this.state.boards.get(board.thing)?.samples ?? [];
    const sample = { at: board.at, written: board.bytesWritten, received: board.bytesReceived };
    const samples = [...known.filter(({ at }) => board.at - at < SAMPLES_MS), sample];
    this.#set({ boards: new Map(this.state.boards).set(board.thing, { board, samples }) });
  }

  #set(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    if (this.#isDue) return;
    this.#isDue = true;
    // Not a frame of the screen: a page in the background gets none, and would be old when it is looked at.
    setTimeout(() => {
      this.#isDue = false;
      this.#changed(this.state);
    }, 0);
  }
}

function is<Name extends keyof StreamEvents>(
  wanted: Name,
  name: string,
  _value: StreamEvents[keyof StreamEvents],
): _value is StreamEvents[Name] {
  return name === wanted;
}
