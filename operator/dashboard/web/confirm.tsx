import { useEffect, useRef, useState } from "preact/hooks";
import type { ActionKind, ActionPlan } from "../shown/index.js";
import { ask, Refused } from "./connection.js";
import { ACTION_TEXTS } from "./job-card.js";
import type { Wanted } from "./wanted.js";

const FORCE_TEXTS: Partial<Readonly<Record<ActionKind, string>>> = {
  cancel: "also devices that are loading: they drop it",
  retry: "also devices that another attempt cannot help",
};

type Stage =
  | { readonly at: "looking" }
  | { readonly at: "asking" }
  | { readonly at: "ready"; readonly plan: ActionPlan }
  | { readonly at: "doing"; readonly plan: ActionPlan }
  | { readonly at: "done"; readonly lines: readonly string[] }
  | { readonly at: "refused"; readonly message: string; readonly mend: readonly string[] };

type Props = {
  readonly wanted: Wanted;
  /** That a roll-back may lead to. */
  readonly versions: readonly string[];
  readonly token: string;
  close(): void;
};

/** Says what an action will do, by the tool's own plan, and does just that when it is confirmed. */
export function Confirm({ wanted: { kind, jobId }, versions, token, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const needsVersion = kind === "rollback";
  const [to, setTo] = useState("");
  const [force, setForce] = useState(false);
  const [stage, setStage] = useState<Stage>(needsVersion ? { at: "asking" } : { at: "looking" });
  const forceText = FORCE_TEXTS[kind];

  const refused = (error: unknown) => {
    const mend = error instanceof Refused ? error.mend : [];
    setStage({ at: "refused", message: error instanceof Error ? error.message : String(error), mend });
  };
  const look = (wish: { readonly to: string; readonly force: boolean }) => {
    setStage({ at: "looking" });
    ask(token, "/api/plan", { kind, jobId, ...wish }).then(
      (value) => (isPlan(value) ? setStage({ at: "ready", plan: value }) : refused(new Error("no plan came"))),
      refused,
    );
  };
  const perform = (plan: ActionPlan) => {
    setStage({ at: "doing", plan });
    ask(token, "/api/act", { plan: plan.plan }).then(
      (value) => setStage({ at: "done", lines: hasLines(value) ? value.lines : [] }),
      refused,
    );
  };
  useEffect(() => {
    dialog.current?.showModal();
    if (!needsVersion) look({ to, force });
  }, []);

  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" onClose={close}>
      <h2 id="confirm-title">
        {ACTION_TEXTS[kind]} <span class="id">{jobId}</span>
      </h2>
      {needsVersion && stage.at !== "done" && (
        <form
          class="filters"
          onSubmit={(event) => {
            event.preventDefault();
            look({ to, force });
          }}
        >
          <label class="field">
            <span>Back to version</span>
            <input
              list="known-versions"
              required
              value={to}
              onInput={({ currentTarget }) => {
                setTo(currentTarget.value);
                setStage({ at: "asking" });
              }}
            />
          </label>
          <datalist id="known-versions">
            {versions.map((version) => (
              <option key={version} value={version} />
            ))}
          </datalist>
          <button type="submit">See what it would do</button>
        </form>
      )}
      {forceText !== undefined && stage.at !== "done" && (
        <label class="check">
          <input
            type="checkbox"
            checked={force}
            disabled={stage.at === "doing"}
            onChange={({ currentTarget: { checked } }) => {
              setForce(checked);
              look({ to, force: checked });
            }}
          />{" "}
          {forceText}
        </label>
      )}
      <div class="plan" role="status">
        <StageText stage={stage} />
      </div>
      <p class="actions">
        {(stage.at === "ready" || stage.at === "doing") && (
          <button type="button" class="danger" disabled={stage.at === "doing"} onClick={() => perform(stage.plan)}>
            {kind === "rollback" ? "Roll it back" : `${ACTION_TEXTS[kind]} it`}
          </button>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          {stage.at === "done" || stage.at === "refused" ? "Close" : "Leave it as it is"}
        </button>
      </p>
    </dialog>
  );
}

function StageText({ stage }: { readonly stage: Stage }) {
  switch (stage.at) {
    case "asking":
      return null;
    case "looking":
      return <p>Looks at what it would do ...</p>;
    case "ready":
    case "doing":
      return (
        <>
          <p>{stage.at === "ready" ? "It will do this:" : "Does it ..."}</p>
          <pre>{stage.plan.lines.join("\n")}</pre>
        </>
      );
    case "done":
      return (
        <>
          <p>Done.</p>
          <pre>{stage.lines.join("\n")}</pre>
        </>
      );
    case "refused":
      return (
        <>
          <p class="count-bad">{stage.message}</p>
          {stage.mend.length > 0 && <pre>{stage.mend.join("\n")}</pre>}
        </>
      );
  }
}

function hasLines(value: unknown): value is { readonly lines: readonly string[] } {
  return typeof value === "object" && value !== null && "lines" in value && Array.isArray(value.lines);
}

function isPlan(value: unknown): value is ActionPlan {
  return hasLines(value) && "plan" in value && typeof value.plan === "string";
}
