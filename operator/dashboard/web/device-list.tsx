import type { ShownDevice } from "../shown/index.js";
import { type Cell, VirtualGrid } from "./virtual-grid.js";
import { agoText, countText, devicesText, statusText } from "./words.js";

const KINDS = {
  all: "all",
  stuck: "stuck",
  "at-it": "at it",
  queued: "queued",
  has: "have it",
  offline: "offline",
} as const;
type Kind = keyof typeof KINDS;

/** Which devices are listed. */
export type DeviceFilter = {
  readonly kind: Kind;
  /** `undefined` for every version. */
  readonly version: string | undefined;
  readonly search: string;
};

export const NO_FILTER: DeviceFilter = { kind: "all", version: undefined, search: "" };

function isOfKind({ status, stuck, connected }: ShownDevice, kind: Kind): boolean {
  switch (kind) {
    case "all":
      return true;
    case "stuck":
      return stuck !== null;
    case "at-it":
      return status === "IN_PROGRESS";
    case "queued":
      return status === "QUEUED";
    case "has":
      return status === "SUCCEEDED";
    case "offline":
      return connected === false;
  }
}

/** Devices that a filter lets through. Each word of the search has to be somewhere in a row. */
export function filtered(devices: readonly ShownDevice[], { kind, version, search }: DeviceFilter): ShownDevice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter((device) => {
    if (!isOfKind(device, kind) || (version !== undefined && device.version !== version)) return false;
    if (words.length === 0) return true;
    const { thing, version: runs, project, slot, status, code, state, stuck } = device;
    const text = [thing, runs, project, slot, statusText(status), status, code, state, stuck?.text ?? ""]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const COLUMNS = ["Thing", "Runs", "Job", "State", "Heard"] as const;

function cellsOf(device: ShownDevice, now: number): readonly Cell[] {
  const { thing, version, slot, status, state, progress, code, stuck, heardAt, connected } = device;
  const doing = stuck !== null ? stuck.text : [state, progress].filter(Boolean).join(" ") || code;
  const name = (
    // The keyboard opens the row that is active; the link is for a mouse that wants another tab.
    <a href={hrefOf(thing)} tabIndex={-1}>
      {thing}
    </a>
  );
  const runs = (
    <>
      {version || "unknown"} <span class="note">{slot}</span>
    </>
  );
  return [
    { text: name, kind: "name" },
    { text: runs },
    { text: status === "" ? "" : <span class={`badge ${status}`}>{statusText(status)}</span> },
    { text: doing, kind: stuck === null ? "" : "count-bad" },
    { text: connected === true ? "connected" : agoText(heardAt, now), kind: "note" },
  ];
}

function hrefOf(thing: string): string {
  return `#/device/${encodeURIComponent(thing)}`;
}

export function DeviceList(props: {
  readonly devices: readonly ShownDevice[];
  readonly filter: DeviceFilter;
  setFilter(filter: DeviceFilter): void;
  readonly now: number;
}) {
  const { devices, filter, setFilter, now } = props;
  const rows = filtered(devices, filter);
  const versions = [...new Set(devices.map(({ version }) => version))].sort();
  return (
    <section aria-labelledby="devices-title" id="devices">
      <h2 id="devices-title">Devices</h2>
      <search>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label class="field">
            <span>Search</span>
            <input
              type="search"
              value={filter.search}
              placeholder="name, version, code ..."
              onInput={({ currentTarget }) => setFilter({ ...filter, search: currentTarget.value })}
            />
          </label>
          <label class="field">
            <span>Show</span>
            <select
              value={filter.kind}
              onChange={({ currentTarget }) => setFilter({ ...filter, kind: kindOf(currentTarget.value) })}
            >
              {Object.entries(KINDS).map(([kind, text]) => (
                <option key={kind} value={kind}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>Version</span>
            <select
              value={filter.version === undefined ? "*" : `=${filter.version}`}
              onChange={({ currentTarget: { value } }) =>
                setFilter({ ...filter, version: value === "*" ? undefined : value.slice(1) })
              }
            >
              <option value="*">every</option>
              {versions.map((version) => (
                <option key={version} value={`=${version}`}>
                  {version || "unknown"}
                </option>
              ))}
            </select>
          </label>
          <output class="note">
            {rows.length === devices.length
              ? devicesText(rows.length)
              : `${countText(rows.length)} of ${devicesText(devices.length)}`}
          </output>
        </form>
      </search>
      <VirtualGrid
        label="Devices"
        columns={COLUMNS}
        count={rows.length}
        keyOf={(index) => rows[index]?.thing ?? ""}
        hrefOf={(index) => hrefOf(rows[index]?.thing ?? "")}
        cellsOf={(index) => {
          const row = rows[index];
          return row === undefined ? [] : cellsOf(row, now);
        }}
      />
    </section>
  );
}

function kindOf(value: string): Kind {
  switch (value) {
    case "stuck":
    case "at-it":
    case "queued":
    case "has":
    case "offline":
      return value;
    default:
      return "all";
  }
}
