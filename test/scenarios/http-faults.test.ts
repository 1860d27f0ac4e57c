import { faultSuite } from "./support/fault-cases.js";
import { CONNECTION_CASES, CONTENT_CASES, STATUS_CASES } from "./support/http-cases.js";

faultSuite("HTTP connection", CONNECTION_CASES);
faultSuite("HTTP content", CONTENT_CASES);
faultSuite("HTTP status", STATUS_CASES);
