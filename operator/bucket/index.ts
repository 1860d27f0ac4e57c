/** Where images lie: names of objects, uploads, and what is kept with them. */
export { type Identity, ImageStore, type NewImage, PREFIX, type StoredImage } from "./image-store.js";
