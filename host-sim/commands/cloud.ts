import type { Dashboard } from "fota-operator/dashboard";
import { runCloud as runLocalAws } from "local-aws-iot/command";
import {
  type CommandOutput,
  type Manual,
  PROCESS_OUTPUT,
  parseOptions,
  reasonOf,
  runCommand,
} from "../command-line/index.js";
import { DASHBOARD_OPTIONS, dashboardWish, openDashboard } from "./with-dashboard.js";

const CLOUD: Manual = {
  name: "cloud",
  does: "Runs the local AWS: MQTT broker with Jobs, the IoT API and S3. Prints one JSON line with where they are, and stays.",
  options: {
    dir: { type: "string", value: "DIR", does: "where its state is kept (default .state/cloud)" },
    "mqtt-port": { type: "string", value: "N", does: "port of the broker, TLS (default a free one)" },
    "https-port": { type: "string", value: "N", does: "port of the IoT API and S3 (default a free one)" },
    host: { type: "string", value: "NAME", does: "the name that it gives out (default localhost)" },
    region: { type: "string", value: "R", does: "the region that it plays" },
    fleet: { type: "string", value: "N", does: "many things with a past, where there is no state yet" },
    thing: { type: "string", multiple: true, value: "NAME", does: "a thing to provision, where it is not there" },
    ...DASHBOARD_OPTIONS,
  },
  example: "--thing board-1",
  exits: { 0: "ended by Ctrl-C" },
};

/**
 * The command of the package `local-aws-iot`.
 * @returns the exit code, see {@link CLOUD}
 */
export function runCloud(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(CLOUD, argv, output, async ({ doing }) => {
    const wish = dashboardWish(parseOptions(argv, CLOUD.options));
    doing("the local AWS starts");
    let page: Promise<Dashboard> | undefined;
    const code = await runLocalAws(
      argv.filter((argument) => argument !== "--dashboard" && argument !== "--write"),
      {
        out: (line) => {
          // It is up, and waits for its users.
          doing("");
          output.out(line);
          if (!wish.dashboard) return;
          page = openDashboard(JSON.parse(line).dir, wish.write);
          page.then(
            ({ url }) => output.out(url),
            (error: unknown) => output.err(`cloud: no page: ${reasonOf(error)}`),
          );
        },
        err: (line) => output.err(line),
      },
    );
    await page?.then(
      (dashboard) => dashboard.close(),
      () => {},
    );
    return code;
  });
}
