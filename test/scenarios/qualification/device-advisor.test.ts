import { qualificationSuite } from "./case.js";
import { DEVICE_ADVISOR_CASES } from "./device-advisor-cases.js";

qualificationSuite("AWS IoT Device Advisor, MQTT", DEVICE_ADVISOR_CASES);
