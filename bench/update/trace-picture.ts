import type { Activity, Span } from "./time-line.js";

/** One row each, from top to bottom. */
const ROWS: readonly { readonly activity: Activity; readonly label: string; readonly color: string }[] = [
  { activity: "handshake", label: "handshake", color: "#7b5ea7" },
  { activity: "wait", label: "round trip: first byte", color: "#c06c2c" },
  { activity: "link", label: "link: bytes arrive", color: "#2f7d4f" },
  { activity: "erase", label: "flash: erase", color: "#b3362c" },
  { activity: "write", label: "flash: write", color: "#2b62a8" },
  { activity: "idle", label: "processor: idle", color: "#9a9a9a" },
];
const [LEFT, TOP, WIDTH, ROW, GAP] = [170, 64, 1180, 26, 10];
const TICKS = 12;
const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

export interface Picture {
  readonly title: string;
  /** Milliseconds, of any one clock. */
  readonly spans: readonly Span[];
  /** The part of time that is shown. */
  readonly from: number;
  readonly to: number;
}

/** A time line as SVG: a row for each activity, an axis in milliseconds from the beginning of the picture. */
export function pictureOf({ title, spans, from, to }: Picture): string {
  const scale = WIDTH / Math.max(1, to - from);
  const x = (at: number) => LEFT + (Math.min(to, Math.max(from, at)) - from) * scale;
  const bottom = TOP + ROWS.length * (ROW + GAP);
  const rows = ROWS.map(({ activity, label, color }, index) => {
    const y = TOP + index * (ROW + GAP);
    const bars = merged(
      spans.filter((span) => span.activity === activity && span.to > from && span.from < to),
      1 / scale / 2,
    ).map((span) => bar(x(span.from), y, x(span.to) - x(span.from), color));
    const share = spans
      .filter((span) => span.activity === activity)
      .reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
    return [
      text(LEFT - 10, y + ROW / 2 + 4, `${label}`, 'text-anchor="end"'),
      `<rect x="${LEFT}" y="${y}" width="${WIDTH}" height="${ROW}" fill="#f4f4f4"/>`,
      ...bars,
      text(LEFT + WIDTH + 8, y + ROW / 2 + 4, `${Math.round(share)} ms`),
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 90}" height="${bottom + 70}" font-family="sans-serif" font-size="13">`,
    '<rect width="100%" height="100%" fill="white"/>',
    text(LEFT, 26, title, 'font-size="16" font-weight="bold"'),
    text(LEFT, 46, "each row: busy where it is colored; at its right the time in all within the picture"),
    ...axis(from, to, x, bottom),
    ...rows,
    ...legend(bottom + 52),
    "</svg>",
    "",
  ].join("\n");
}

function bar(x: number, y: number, width: number, color: string): string {
  return `<rect x="${x.toFixed(2)}" y="${y}" width="${Math.max(0.4, width).toFixed(2)}" height="${ROW}" fill="${color}"/>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${content.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</text>`;
}

function axis(from: number, to: number, x: (at: number) => number, y: number): string[] {
  const step = STEPS_MS.find((ms) => (to - from) / ms <= TICKS) ?? 100_000;
  const ticks: string[] = [];
  for (let at = 0; at <= to - from; at += step) {
    const left = x(from + at);
    ticks.push(
      `<line x1="${left.toFixed(1)}" y1="${TOP}" x2="${left.toFixed(1)}" y2="${y}" stroke="#ccc"/>`,
      text(left, y + 16, step < 1000 ? `${at} ms` : `${at / 1000} s`, 'text-anchor="middle"'),
    );
  }
  return ticks;
}

function legend(y: number): string[] {
  const width = WIDTH / ROWS.length;
  return ROWS.flatMap(({ label, color }, index) => [
    `<rect x="${LEFT + index * width}" y="${y - 11}" width="14" height="14" fill="${color}"/>`,
    text(LEFT + index * width + 20, y, label),
  ]);
}

/** Neighbours that no eye tells apart are one bar: a picture of ten thousand segments stays small. */
function merged(spans: readonly Span[], tolerance: number): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from - last.to <= tolerance)
      result[result.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}

/** When neither a command to the flash runs nor a byte arrives: nothing to do but to wait. */
export function idleSpans(spans: readonly Span[], from: number, to: number): Span[] {
  const busy = merged(
    spans.filter(({ activity }) => activity === "erase" || activity === "write" || activity === "link"),
    0,
  );
  const idle: Span[] = [];
  let at = from;
  for (const span of [...busy, { from: to, to }]) {
    if (span.from > at && at < to) idle.push({ activity: "idle", from: at, to: Math.min(span.from, to) });
    at = Math.max(at, span.to);
  }
  return idle;
}
