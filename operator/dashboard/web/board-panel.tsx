import type { ShownBoard, ShownPartition } from "../shown/index.js";
import type { BoardState, Sample } from "./store.js";
import { bytesText, countText } from "./words.js";

const WIDTH = 300;
const HEIGHT = 40;
/** Throughput is that of the last moments. */
const RATE_MS = 2000;

const BLOCK_TEXTS: Readonly<Record<string, string>> = { e: "erased", d: "data", x: "being erased", w: "being written" };

/** A simulated board from inside. */
export function BoardPanel({ state: { board, samples } }: { readonly state: BoardState }) {
  const { state, version, partitions, otadata, boots, log } = board;
  return (
    <section aria-labelledby="flash-title" class="board">
      <h2 id="flash-title">Flash</h2>
      <p class="note">
        Simulated board, {state}, runs {version || "nothing"}; started{" "}
        {boots === 1 ? "once" : `${countText(boots)} times`}.
      </p>
      <ul class="flash">
        {partitions.map((partition) => (
          <PartitionRow key={partition.label} partition={partition} />
        ))}
      </ul>
      <ul class="legend" aria-hidden="true">
        {Object.entries(BLOCK_TEXTS).map(([kind, text]) => (
          <li key={kind}>
            <span class={`block ${kind}`} /> {text}
          </li>
        ))}
        <li class="note">a square is {bytesText(board.blockBytes)}</li>
      </ul>
      <dl class="facts">
        {otadata.map((entry, index) => (
          <div key={index}>
            <dt>otadata {index}</dt>
            <dd>{entry}</dd>
          </div>
        ))}
      </dl>
      <Throughput board={board} samples={samples} />
      <details>
        <summary>Log</summary>
        <textarea class="log" readOnly rows={12} aria-label="Log of the board" value={log.join("\n")} />
      </details>
    </section>
  );
}

function PartitionRow({ partition }: { readonly partition: ShownPartition }) {
  const { label, offset, size, contents, running, blocks } = partition;
  const count = (kind: string) => [...blocks].filter((block) => block === kind).length;
  const words = Object.entries(BLOCK_TEXTS).flatMap(([kind, text]) =>
    count(kind) > 0 ? [`${count(kind)} ${text}`] : [],
  );
  return (
    <li class={running ? "running" : ""}>
      <span>
        <b>{label}</b>{" "}
        <span class="note">
          0x{offset.toString(16)}, {bytesText(size)}
        </span>{" "}
        {running && <span class="badge SUCCEEDED">runs</span>} {contents}
      </span>
      {blocks !== "" && (
        <span class="blocks" role="img" aria-label={`${label}: of ${blocks.length} blocks ${words.join(", ")}`}>
          {[...blocks].map((block, index) => (
            <span key={index} class={`block ${block}`} />
          ))}
        </span>
      )}
    </li>
  );
}

/** Bytes a second between the samples of the last moments. */
export function rateOf(samples: readonly Sample[], of: "written" | "received"): number {
  const last = samples.at(-1);
  const first = samples.find(({ at }) => last !== undefined && last.at - at <= RATE_MS);
  if (last === undefined || first === undefined || last.at === first.at) return 0;
  return ((last[of] - first[of]) * 1000) / (last.at - first.at);
}

function Throughput({ board, samples }: { readonly board: ShownBoard; readonly samples: readonly Sample[] }) {
  const rates = samples.map((_, index) => rateOf(samples.slice(0, index + 1), "written"));
  const most = Math.max(1, ...rates);
  const [first, last] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 1];
  const points = samples.map(({ at }, index) => {
    const x = ((at - first) / Math.max(1, last - first)) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT - ((rates[index] ?? 0) / most) * HEIGHT).toFixed(1)}`;
  });
  return (
    <figure class="rate">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Throughput of the last minute"
      >
        <polyline points={points.join(" ")} />
      </svg>
      <figcaption class="note">
        To flash {bytesText(rateOf(samples, "written"))}/s, at most {bytesText(most === 1 ? 0 : most)}/s; from the
        network {bytesText(rateOf(samples, "received"))}/s. In all {bytesText(board.bytesWritten)} written,{" "}
        {bytesText(board.bytesErased)} erased.
      </figcaption>
    </figure>
  );
}
