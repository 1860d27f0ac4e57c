import { faultSuite } from "./support/fault-cases.js";
import { MQTT_CONNECTION_CASES, MQTT_MESSAGE_CASES } from "./support/mqtt-cases.js";

faultSuite("MQTT connection", MQTT_CONNECTION_CASES);
faultSuite("MQTT messages", MQTT_MESSAGE_CASES);
