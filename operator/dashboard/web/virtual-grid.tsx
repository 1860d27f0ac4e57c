import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Heights of a row in pixels, as the style sheet has them: in columns, and on a narrow screen. */
const ROW_PX = 36;
const NARROW_ROW_PX = 76;
const NARROW = "(max-width: 640px)";
/** Rows beyond each end of what is seen, so that a quick scroll shows no gap. */
const SPARE_ROWS = 10;

export type Cell = { readonly text: ComponentChildren; readonly kind?: string };

export type VirtualGridProps = {
  readonly label: string;
  readonly columns: readonly string[];
  readonly count: number;
  keyOf(index: number): string;
  /** Where a row leads to. */
  hrefOf(index: number): string;
  cellsOf(index: number): readonly Cell[];
};

function useRowHeight(): number {
  const [isNarrow, setNarrow] = useState(matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = () => setNarrow(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return isNarrow ? NARROW_ROW_PX : ROW_PX;
}

/**
 * A list of any length, of which only the rows that are seen are in the page. The keyboard moves a row that is active;
 * it is always in the page, because it is scrolled to. [WAI-ARIA: grid, aria-activedescendant]
 */
export function VirtualGrid({ label, columns, count, keyOf, hrefOf, cellsOf }: VirtualGridProps) {
  const height = useRowHeight();
  const box = useRef<HTMLTableElement>(null);
  const head = useRef<HTMLTableSectionElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [chosen, setActive] = useState(0);
  const active = Math.min(chosen, Math.max(0, count - 1));
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let frame = 0;
    const look = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(count - 1, to));
    setActive(next);
    const element = box.current;
    if (element === null) return;
    // The head stays at the top of the box, over the rows.
    const room = element.clientHeight - (head.current?.offsetHeight ?? 0);
    const [from, until] = [next * height, (next + 1) * height];
    if (from < element.scrollTop) element.scrollTop = from;
    else if (until > element.scrollTop + room) element.scrollTop = until - room;
    setView({ top: element.scrollTop, height: element.clientHeight });
  };
  const page = Math.max(1, Math.floor(view.height / height) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === "Enter" && count > 0) location.hash = hrefOf(active);
  };

  const first = Math.max(0, Math.min(Math.floor(view.top / height) - SPARE_ROWS, count - 1));
  const last = Math.min(count, Math.ceil((view.top + view.height) / height) + SPARE_ROWS);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, step) => first + step);
  // One that was scrolled away by the mouse is not in the page.
  const isActiveThere = active >= first && active < last;
  const onClick = (event: MouseEvent) => {
    const { target } = event;
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
    const index = Number(row?.dataset.index ?? -1);
    if (index >= 0 && index < count) location.hash = hrefOf(index);
  };
  return (
    <table
      ref={box}
      class="grid-box"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: WAI-ARIA's own example of a grid is a table
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-activedescendant={count > 0 && isActiveThere ? `row-${keyOf(active)}` : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <thead ref={head}>
        <tr class="grid-row" aria-rowindex={1}>
          {columns.map((name) => (
            <th key={name} scope="col" class="cell">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody style={{ height: `${count * height}px` }}>
        {rows.map((index) => (
          <tr
            key={keyOf(index)}
            id={`row-${keyOf(index)}`}
            class={index === active ? "grid-row active" : "grid-row"}
            data-index={index}
            aria-rowindex={index + 2}
            aria-selected={index === active}
            style={{ transform: `translateY(${index * height}px)` }}
          >
            {cellsOf(index).map(({ text, kind = "" }, column) => (
              <td key={columns[column]} class={`cell ${kind}`} aria-colindex={column + 1}>
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
