/** `npm run cloud`: the local AWS alone, with the command of its own package. */
export { runCloud } from "local-aws-iot/command";
