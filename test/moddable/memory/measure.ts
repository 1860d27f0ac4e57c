/**
 * The sample firmware with instruments: traces `memory {...}` at each change of state, with the peaks since the one
 * before. Samples are taken every 20 ms and inside the download, at each write to the flash, where the TLS record is
 * still in memory.
 */
import { AwsFota } from "aws-fota/index";
import Debug from "debug";
import { readDeviceConfig } from "device-config";
import { devicePorts } from "device-ports/index";
import Instrumentation from "instrumentation";
import config from "mc/config";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";
import Timer from "timer";

const SAMPLE_MS = 20;
/**
 * Collecting the garbage before each sample shows what is really in use; without it the figures show how the memory
 * fills.
 */
const COLLECT = config.measure === "live";

const INSTRUMENTS = { chunks: "XS Chunk Heap Used", slots: "XS Slot Heap Used", stack: "XS Stack Used" } as const;
type Name = keyof typeof INSTRUMENTS;
const NAMES: readonly Name[] = ["chunks", "slots", "stack"];

const peaks: Record<Name, number> = { chunks: 0, slots: 0, stack: 0 };

function sample(): void {
  if (COLLECT) Debug.gc();
  for (const name of NAMES) {
    const value = Instrumentation.get(Instrumentation.map(INSTRUMENTS[name])) ?? 0;
    if (value > peaks[name]) peaks[name] = value;
  }
}

function report(phase: string): void {
  sample();
  const { chunks, slots, stack } = peaks;
  const collections = Instrumentation.get(Instrumentation.map("XS Garbage Collection Count")) ?? 0;
  trace(
    `memory {"phase":"${phase}","chunks":${chunks},"slots":${slots},"stack":${stack},"collections":${collections}}\n`,
  );
  for (const name of NAMES) peaks[name] = 0;
}

const log = (text: string) => trace(`${text}\n`);
const { endpoint, port, thingName, identity, network, profile, fota: fotaConfig } = readDeviceConfig(log);
const ports = devicePorts({ identity, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port, id: thingName, profile });

const fota = new AwsFota({
  ...ports,
  ...fotaConfig,
  profile,
  // What is there is measured, be it too little; the agent would refuse to work with it.
  memory: undefined,
  session,
  thingName,
  // Arrow functions: a method keeps the object it is written in, here all options.
  openSlot: () => {
    const slot = ports.openSlot();
    return {
      ...slot,
      write: (bytes: Uint8Array, byteOffset: number) => {
        sample();
        slot.write(bytes, byteOffset);
      },
    };
  },
  onStateChanged: (_state, previous) => report(previous),
  onInstalled: () => {
    report("installed");
    fota.restart();
  },
});

fota.open();
const sampleAgain = (): void => {
  sample();
  Timer.set(sampleAgain, SAMPLE_MS);
};
sampleAgain();
bringUpNetwork({ ...network, trace: log, onReady: () => session.open() });
