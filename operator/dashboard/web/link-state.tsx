import type { Link } from "./connection.js";
import { clockText } from "./words.js";

/** Whether what the page shows is new. */
export function LinkState({ link }: { readonly link: Link }) {
  const text =
    link.state === "stale"
      ? `stale: nothing heard since ${clockText(link.since)}, tries again`
      : link.state === "denied"
        ? `no access: ${link.message}`
        : link.state;
  return (
    <span class={`link ${link.state}`} role="status">
      {text}
    </span>
  );
}
