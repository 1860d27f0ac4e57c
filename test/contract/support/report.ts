import { STRICT_CASES } from "../guest/strict-cases.js";

/** Reads what the programs of the contract trace. */

export interface ContractResult {
  readonly name: string;
  /** Absent: the program passed. */
  readonly failure?: string;
}

export class ContractReport {
  readonly results: ContractResult[] = [];
  /** The last program has ended. */
  complete = false;
  /** Other lines, for the message when the programs do not come to their end. */
  readonly others: string[] = [];

  takeLine(line: string): void {
    // Not at the start: the simulator's own "write failed" has no line end.
    const failed = /contract not ok (.*?: .*?): (.*)$/.exec(line);
    const passed = /contract ok (.*)$/.exec(line);
    if (failed) this.results.push({ name: failed[1] ?? "", failure: failed[2] ?? "" });
    else if (passed) this.results.push({ name: passed[1] ?? "" });
    else if (line.includes("contract done ")) this.complete = true;
    else if (line.trim() !== "") this.others.push(line);
  }

  count(group: string): number {
    return this.results.filter(({ name }) => name.startsWith(`${group}:`)).length;
  }

  /** The programs of a group that were heard of, and everything else that was traced. */
  names(group: string): string {
    const names = this.results.map(({ name }) => name).filter((name) => name.startsWith(`${group}:`));
    return [...names, ...this.others].join("\n");
  }

  /** Failures of the programs whose names begin with `group`, as text. */
  failures(group: string): string {
    return this.results
      .filter(({ name, failure }) => failure !== undefined && name.startsWith(`${group}:`))
      .map(({ name, failure }) => `${name}: ${failure}`)
      .join("\n");
  }
}

/** Programs of the resolver that need no server, and those that need two on this computer. */
const DNS_ALONE = 4;
const DNS_WITH_SERVERS = 3;

/** How many programs of a group are run with these peers. */
export function programsOf(group: string, { config }: { readonly config: Readonly<Record<string, unknown>> }): number {
  const further = group === "dns" && Number(config.dnsServers) > 0 ? DNS_WITH_SERVERS : 0;
  return (CONTRACT_GROUPS[group] ?? 0) + further;
}

/** Groups of programs and how many each has, so that one that is lost shows. */
export const CONTRACT_GROUPS: Readonly<Record<string, number>> = Object.freeze({
  globals: 5,
  timer: 6,
  crypt: 3,
  ecdsa: 2,
  resource: 1,
  preference: 2,
  dns: DNS_ALONE,
  tcp: 13,
  http: 28,
  "http-connection": 18,
  mqtt: 20,
  tls: 16,
  "strict-tls": STRICT_CASES.length + 1,
  refusal: 10,
});

/** The programs of a machine whose clock was never set, which run by themselves. */
export const CLOCK_1970_PROGRAMS = Object.freeze({
  group: "clock-1970",
  count: 5,
});
