import type { ShownExecution } from "../shown/index.js";
import { Prose } from "./prose.js";
import { spanText, statusText, timeText } from "./words.js";

type Moment = { readonly at: number; readonly text: string };

/** Queued, begun, what it was seen doing, and its end. Progress alone is not a moment: its last figure is shown. */
function momentsOf({ queuedAt, startedAt, seen, status, lastUpdatedAt }: ShownExecution): readonly Moment[] {
  const moments: Moment[] = [{ at: queuedAt, text: "queued" }];
  if (startedAt > 0) moments.push({ at: startedAt, text: "begun" });
  let before = "";
  for (const { at, state, progress, status: then } of seen) {
    const name =
      then === "IN_PROGRESS" ? state || statusText(then) : [statusText(then), state].filter(Boolean).join(", ");
    const text = [name, progress].filter(Boolean).join(" ");
    const known = name === before ? moments.pop() : undefined;
    moments.push({ at: known?.at ?? at, text });
    before = name;
  }
  if (seen.length === 0 && status !== "QUEUED") moments.push({ at: lastUpdatedAt, text: statusText(status) });
  return moments;
}

/** A job on the device: how it went, what it cost, what the device remembers of it. */
export function ExecutionPanel({ execution }: { readonly execution: ShownExecution }) {
  const { jobId, status, from, to, code, detail, todo, reset, selfTest, bill, journal } = execution;
  const moments = momentsOf(execution);
  return (
    <article class="card" aria-label={`Job ${jobId}`}>
      <h3>
        {(from !== "" || to !== "") && (
          <b>
            {from} {from !== "" && to !== "" && "to"} {to}
          </b>
        )}{" "}
        <span class="id">{jobId}</span> <span class={`badge ${status}`}>{statusText(status)}</span>
      </h3>
      {code !== "" && (
        <p>
          <code class="count-bad">{code}</code> {detail}
        </p>
      )}
      {todo !== "" && (
        <p>
          <b>Do:</b> <Prose text={todo} />
        </p>
      )}
      {reset !== "" && (
        <p class="note">
          reset: {reset}
          {selfTest !== "" && `, self-test: ${selfTest}`}
        </p>
      )}
      <ol class="moments" aria-label="Time line">
        {moments.map(({ at, text }, index) => {
          const before = moments[index - 1];
          return (
            <li key={`${at} ${text}`}>
              <span>{text}</span>{" "}
              <span class="note">
                {timeText(at)}
                {before !== undefined && at >= before.at && ` (+${spanText(at - before.at)})`}
              </span>
            </li>
          );
        })}
      </ol>
      {bill.length > 0 && (
        <table class="bill">
          <caption>What it cost</caption>
          <tbody>
            {bill.map(([name, figure]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{figure}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {journal !== "" && (
        <p class="journal">
          <span class="note">Its journal: a star begins a start, ~ is a request that failed, ! an error.</span>
          {journal.split(/\s+/).map((entry, index) => (
            <code key={index} class={entry.startsWith("!") ? "count-bad" : ""}>
              {entry}
            </code>
          ))}
        </p>
      )}
    </article>
  );
}
