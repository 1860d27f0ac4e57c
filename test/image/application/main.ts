import Resource from "Resource";
import help from "helper";
import config from "mc/config";
import { where } from "where";
import { attempts, Counter } from "./library/index.js";

trace(`${help(where)} ${config.platform} ${new Resource("root.der").byteLength} ${new Counter().bump()}\n`);
for (const [name, attempt] of Object.entries(attempts())) {
  try {
    attempt();
    trace(`${name}: changed\n`);
  } catch (error) {
    trace(`${name}: ${error instanceof TypeError ? "TypeError" : String(error)}\n`);
  }
}
