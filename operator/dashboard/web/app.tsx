import { useEffect, useRef, useState } from "preact/hooks";
import { Announcer } from "./announcer.js";
import { Confirm } from "./confirm.js";
import { DeviceView } from "./device-view.js";
import { FleetView } from "./fleet-view.js";
import { LinkState } from "./link-state.js";
import type { State } from "./store.js";
import { ThemeSwitch } from "./theme.js";
import type { Wanted } from "./wanted.js";

/** The device of the address, or none. */
function routeOf(hash: string): string | undefined {
  const [, name] = /^#\/device\/(.+)$/.exec(hash) ?? [];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

export function App({ state, token }: { readonly state: State; readonly token: string }) {
  const [thing, setThing] = useState(routeOf(location.hash));
  const [wanted, setWanted] = useState<Wanted | undefined>(undefined);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const changed = () => {
      setThing(routeOf(location.hash));
      // Who uses a keyboard or hears the page begins at the top of what is new.
      main.current?.focus();
      window.scrollTo(0, 0);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  useEffect(() => {
    document.title = thing === undefined ? "fota: fleet" : `fota: ${thing}`;
  }, [thing]);
  const { hello, fleet } = state;
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        To the content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          fota
        </a>
        {hello !== undefined && (
          <span class="where">
            {hello.local ? "local AWS" : hello.region}
            {hello.group === "" ? "" : `, group ${hello.group}`}
          </span>
        )}
        {hello !== undefined && <span class="badge">{hello.write ? "with actions" : "looks only"}</span>}
        <LinkState link={state.link} />
        <ThemeSwitch />
      </header>
      <main ref={main} tabIndex={-1} id="main">
        {fleet?.trouble != null && (
          <div class="trouble" role="alert">
            <p>{fleet.trouble.message}</p>
            {fleet.trouble.mend.map((line) => (
              <code key={line}>{line}</code>
            ))}
          </div>
        )}
        {thing === undefined ? (
          <FleetView state={state} want={setWanted} />
        ) : (
          <DeviceView key={thing} thing={thing} state={state} token={token} />
        )}
      </main>
      <Announcer fleet={fleet} />
      {wanted !== undefined && (
        <Confirm
          key={`${wanted.kind} ${wanted.jobId}`}
          wanted={wanted}
          versions={fleet?.versions.map(({ version }) => version).filter(Boolean) ?? []}
          token={token}
          close={() => setWanted(undefined)}
        />
      )}
    </>
  );
}
