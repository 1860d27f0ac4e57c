/** What the tool knows, for a page: AWS, jobs, images and devices, without a terminal. */
export * from "./advice/index.js";
export * from "./aws/index.js";
export * from "./bucket/index.js";
export * from "./doctor/index.js";
export * from "./enrol/index.js";
export * from "./failure/index.js";
export * from "./fleet/index.js";
export * from "./image/index.js";
export * from "./jobs/index.js";
export * from "./publish/index.js";
