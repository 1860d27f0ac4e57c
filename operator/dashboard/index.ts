/** The page: a fleet to look at, in a browser on this computer. */
export { type Dashboard, type DashboardOptions, startDashboard } from "./server/dashboard.js";
export { type LookWish, looksOf, startLocalDashboard, USUAL } from "./settings.js";
export type { BoardFeed, ShownBoard, ShownPartition } from "./shown/index.js";
