/** Updates without end on one board, in the weather that a seed makes. */

export { SoakBoard, type SoakOptions, type UpdateReport } from "./soak-board.js";
export { growthOf, type Holdings, heapOf } from "./soak-growth.js";
export { SoakImages } from "./soak-images.js";
export { KINDS, planUpdate, type UpdatePlan } from "./soak-plan.js";
export { reportLines, type SoakSummary, summaryOf } from "./soak-report.js";
export { type Judged, violationsOf } from "./soak-rules.js";
export { type SoakRequest, soak } from "./soak-run.js";
