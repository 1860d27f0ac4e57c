import { type BoardFeed, type Dashboard, startLocalDashboard } from "fota-operator/dashboard";
import { type OptionManuals, type OptionValues, UsageError } from "../command-line/index.js";

/** Options of the commands that can show the page. */
export const DASHBOARD_OPTIONS: OptionManuals = {
  dashboard: { type: "boolean", does: "serve the page of `fota dashboard`, whose address is printed" },
  write: { type: "boolean", does: "with --dashboard: the page offers actions" },
};

/** Resolves at Ctrl-C. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

/** Whether the page is wanted, and with actions. @throws UsageError */
export function dashboardWish(values: OptionValues): { readonly dashboard: boolean; readonly write: boolean } {
  const [dashboard, write] = [values.dashboard === true, values.write === true];
  if (write && !dashboard) throw new UsageError("--write is for --dashboard");
  return { dashboard, write };
}

/** The page of the local AWS in a folder. */
export async function openDashboard(dir: string, write: boolean, boards?: BoardFeed): Promise<Dashboard> {
  return await startLocalDashboard({ dir, write, boards });
}
