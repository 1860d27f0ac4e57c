import { percentDecode } from "./message.js";

/** Labels, query, header members and body members of a call, merged under the API's member names. */
export type RestInput = Readonly<Record<string, unknown>>;
export type RestOutput = Readonly<Record<string, unknown>>;

/** REST-JSON services, by their names in signatures: `iotdata` is what SDKs call `iot-data`. */
export type RestService = "iot" | "iot-jobs-data" | "iotdata";

/** One operation of a REST-JSON service. Adding an operation is adding a row. */
export interface RestRoute {
  readonly service: RestService;
  readonly method: string;
  /** Template: segments in braces are labels. */
  readonly path: string;
  /** The body is no JSON object of members: its bytes are the member `payload`. */
  readonly payload?: true;
  readonly run: (input: RestInput) => RestOutput | Promise<RestOutput>;
}

/** The labels of `path` (as sent) when it fits the template, decoded segment by segment: `%24next` is `$next`. */
export function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split("/");
  const given = path.split("/");
  if (given.length !== wanted.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const text = percentDecode(given[index] ?? "");
    if (!segment.startsWith("{")) {
      if (text !== segment) return undefined;
    } else if (text === "") return undefined;
    else labels[segment.slice(1, -1)] = text;
  }
  return labels;
}
