import { qualificationSuite } from "./case.js";
import { OTA_SIGNATURE_CASES } from "./ota-signature-cases.js";
import { OTA_UPDATE_CASES } from "./ota-update-cases.js";

qualificationSuite("AWS IoT Device Tester, OTA end to end", [...OTA_UPDATE_CASES, ...OTA_SIGNATURE_CASES]);
