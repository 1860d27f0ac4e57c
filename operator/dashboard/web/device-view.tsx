import { useEffect, useState } from "preact/hooks";
import type { ShownDeviceView } from "../shown/index.js";
import { BoardPanel } from "./board-panel.js";
import { ask } from "./connection.js";
import { ExecutionPanel } from "./execution-panel.js";
import { Prose } from "./prose.js";
import type { State } from "./store.js";
import { timeText } from "./words.js";

/** One device: what is known of it, its jobs, and from inside where it is a simulated board. */
export function DeviceView({ thing, state, token }: { thing: string; state: State; token: string }) {
  const [view, setView] = useState<ShownDeviceView | undefined>(undefined);
  const [trouble, setTrouble] = useState("");
  const row = state.devices.find((device) => device.thing === thing);
  const board = state.boards.get(thing);
  // Asked for again when its row has news, so that a page that only stands there costs nothing.
  const news = JSON.stringify(row === undefined ? "" : { ...row, heardAt: 0, stuck: row.stuck?.text });
  useEffect(() => {
    let isOld = false;
    ask(token, `/api/device?thing=${encodeURIComponent(thing)}`).then(
      (value) => {
        if (isOld || !isView(value)) return;
        setView(value);
        setTrouble("");
      },
      (error: unknown) => {
        if (!isOld) setTrouble(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      isOld = true;
    };
  }, [thing, token, news]);
  return (
    <>
      <p>
        <a href="#/">All devices</a>
      </p>
      <h1>{thing}</h1>
      {row?.stuck != null && (
        <p class="trouble">
          <b>{row.stuck.text}.</b> <Prose text={row.stuck.todo} />
        </p>
      )}
      {trouble !== "" && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      {view === undefined && trouble === "" && <p class="note">Asks for it ...</p>}
      {board !== undefined && <BoardPanel state={board} />}
      {view !== undefined && (
        <div class="columns">
          <section aria-labelledby="facts-title">
            <h2 id="facts-title">What is known</h2>
            <dl class="facts">
              {view.facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{typeof value === "string" ? value : timeText(value.at)}</dd>
                </div>
              ))}
            </dl>
            <p class="note">Told by {view.source}.</p>
          </section>
          <section aria-labelledby="executions-title">
            <h2 id="executions-title">Jobs</h2>
            {view.executions.length === 0 && <p class="note">It has had none.</p>}
            {view.executions.map((execution) => (
              <ExecutionPanel key={execution.jobId} execution={execution} />
            ))}
          </section>
        </div>
      )}
    </>
  );
}

function isView(value: unknown): value is ShownDeviceView {
  return typeof value === "object" && value !== null && "facts" in value && "executions" in value;
}
