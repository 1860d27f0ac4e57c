import type { ShownFleet, ShownHistory } from "../shown/index.js";
import { countText, devicesText, timeText } from "./words.js";

const WIDTH = 600;
const HEIGHT = 140;
/** Colours of the style sheet; what is unknown is grey. */
const COLOURS = 8;

function colourOf(version: string, index: number): string {
  return version === "unknown" ? "v-unknown" : version === "earlier" ? "v-earlier" : `v-${index % COLOURS}`;
}

/** One area above the other, the oldest version at the bottom. */
function areasOf({ at, lines }: ShownHistory): readonly { readonly version: string; readonly path: string }[] {
  const total = Math.max(1, ...at.map((_, step) => lines.reduce((sum, { counts }) => sum + (counts[step] ?? 0), 0)));
  const [first = 0, last = 1] = [at[0], at.at(-1)];
  const x = (step: number) => (((at[step] ?? first) - first) / Math.max(1, last - first)) * WIDTH;
  const y = (count: number) => HEIGHT - (count / total) * HEIGHT;
  let floor = at.map(() => 0);
  return lines.map(({ version, counts }) => {
    const below = floor;
    floor = below.map((count, step) => count + (counts[step] ?? 0));
    const point = (heights: readonly number[]) => (_: number, step: number) =>
      `${x(step).toFixed(1)},${y(heights[step] ?? 0).toFixed(1)}`;
    const top = at.map(point(floor));
    const bottom = at.map(point(below)).reverse();
    return { version, path: `M${top.join("L")}L${bottom.join("L")}Z` };
  });
}

/** Which versions run, now and before. */
export function VersionsChart({ fleet, show }: { readonly fleet: ShownFleet; show(version: string): void }) {
  const { history, versions } = fleet;
  const { at, lines } = history;
  const order = new Map(lines.map(({ version }, index) => [version, colourOf(version, index)]));
  const now = versions.map(({ version, devices }) => `${version || "unknown"}: ${devices}`).join(", ");
  const steps = [0, 0.5, 1].map((part) => Math.round(part * (at.length - 1)));
  return (
    <section aria-labelledby="versions-title">
      <h2 id="versions-title">Versions</h2>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Devices by version since ${timeText(at[0] ?? fleet.at)}. Now ${now}`}
      >
        {areasOf(history).map(({ version, path }) => (
          <path key={version} class={order.get(version)} d={path} />
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>{timeText(at[0] ?? fleet.at)}</span>
        <span>{timeText(at.at(-1) ?? fleet.at)}</span>
      </p>
      <ul class="legend">
        {versions.map(({ version, project, devices }) => (
          <li key={`${project} ${version}`}>
            <button type="button" class="quiet" onClick={() => show(version)}>
              <span class={`swatch ${order.get(version || "unknown") ?? "v-unknown"}`} />
              <b>{version || "unknown"}</b> {project} {devicesText(devices)}
            </button>
          </li>
        ))}
        {lines
          .filter(({ version }) => !versions.some((one) => (one.version || "unknown") === version))
          .map(({ version }) => (
            <li key={version} class="note">
              <span class={`swatch ${order.get(version)}`} />
              {version === "earlier" ? "something earlier" : version} before
            </li>
          ))}
      </ul>
      <details>
        <summary>As figures</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Version</th>
              {steps.map((step) => (
                <th key={step} scope="col">
                  {timeText(at[step] ?? 0)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ version, counts }) => (
              <tr key={version}>
                <th scope="row">{version}</th>
                {steps.map((step) => (
                  <td key={step}>{countText(counts[step] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}
