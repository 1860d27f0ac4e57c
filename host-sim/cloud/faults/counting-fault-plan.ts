import { type FaultDecision, FaultPlan, type PacketSeen } from "./fault-plan.js";

/** MQTT packets that were counted since the start. */
export interface MqttCounters {
  /** CONNECT packets from devices. */
  mqttConnects: number;
  /** PUBLISH packets from devices. */
  mqttPublishesIn: number;
  /** PUBLISH packets to devices. */
  mqttPublishesOut: number;
}

/** The fault plan sees every packet of every connection in both directions, so it is also where they are counted. */
export class CountingFaultPlan extends FaultPlan {
  readonly counters: MqttCounters = { mqttConnects: 0, mqttPublishesIn: 0, mqttPublishesOut: 0 };

  override decide(seen: PacketSeen): FaultDecision {
    if (seen.packet === "connect") this.counters.mqttConnects += 1;
    else if (seen.packet === "publish") {
      if (seen.direction === "in") this.counters.mqttPublishesIn += 1;
      else this.counters.mqttPublishesOut += 1;
    }
    return super.decide(seen);
  }
}
