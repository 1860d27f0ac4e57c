import type { ShownDevice } from "../shown/index.js";
import { agoText, countText } from "./words.js";

/** Devices that are shown at once. */
const SHOWN = 8;

/** Devices that do not have what they should, with the reason; those who wait longest first. */
export function StuckList({ stuck, now, showAll }: { stuck: readonly ShownDevice[]; now: number; showAll(): void }) {
  const sorted = [...stuck].sort((one, other) => (one.stuck?.since ?? 0) - (other.stuck?.since ?? 0));
  return (
    <section aria-labelledby="stuck-title">
      <h2 id="stuck-title">Stuck devices</h2>
      {stuck.length === 0 && <p class="note">None.</p>}
      <ul class="rows">
        {sorted.slice(0, SHOWN).map(({ thing, stuck: reason }) => (
          <li key={thing}>
            <a href={`#/device/${encodeURIComponent(thing)}`}>{thing}</a> {reason?.text}{" "}
            <span class="note">{agoText(reason?.since ?? 0, now)}</span>
          </li>
        ))}
      </ul>
      {stuck.length > SHOWN && (
        <button type="button" class="quiet more" onClick={showAll}>
          All {countText(stuck.length)}
        </button>
      )}
    </section>
  );
}
