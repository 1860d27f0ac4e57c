/** How an image reaches things: a place in the bucket, and a job whose document this project's firmware reads. */
export { IMAGE_BUCKET, jobRequest, type UpdateJob } from "./job-request.js";
export { type PublishedPatch, patchEntry } from "./patches.js";
export { type Published, type PublishOptions, publishImage } from "./publish-image.js";
