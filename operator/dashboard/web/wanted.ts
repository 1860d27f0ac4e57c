import type { ActionKind } from "../shown/index.js";

/** What is asked for, before it is confirmed. */
export type Wanted = { readonly kind: ActionKind; readonly jobId: string };
