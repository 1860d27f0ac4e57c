export { type Fields, fieldsIn, isCount, isFields, textOf } from "./fields.js";
