import type { ShownFailure } from "../shown/index.js";
import { Prose } from "./prose.js";
import { countText, RETRY_TEXTS } from "./words.js";

/** Why devices did not get it, and what to do. */
export function Failures({ failures, show }: { readonly failures: readonly ShownFailure[]; show(code: string): void }) {
  return (
    <section aria-labelledby="failures-title">
      <h2 id="failures-title">Failures by code</h2>
      {failures.length === 0 && <p class="note">None.</p>}
      <ul class="rows">
        {failures.map(({ code, devices, happened, todo, retry }) => (
          <li key={code}>
            <button type="button" class="quiet" onClick={() => show(code)}>
              <b class="count-bad">{countText(devices)}</b> <code>{code}</code>
            </button>
            {happened !== "" && (
              <p>
                <Prose text={happened} />
              </p>
            )}
            {todo !== "" && (
              <p>
                <b>Do:</b> <Prose text={todo} />{" "}
                {retry !== "" && <span class="note">({RETRY_TEXTS[retry] ?? retry})</span>}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
