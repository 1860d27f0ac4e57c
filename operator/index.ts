/** What the tool knows, for a page: AWS, jobs and images, without a terminal. */
export * from "./aws/index.js";
export * from "./bucket/index.js";
export * from "./failure/index.js";
export * from "./image/index.js";
export * from "./jobs/index.js";
export * from "./publish/index.js";
