export { ADVICE, type Advice, adviceFor, type Retry } from "./advice.js";
