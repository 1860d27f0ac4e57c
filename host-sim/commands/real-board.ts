import { type Board, type BoardEvent, type BoardSetup, createBoard, RealClock } from "../board/index.js";
import { LoopbackNetwork } from "../board/network/index.js";
import type { EngineName } from "../engines/index.js";

/** How a simulated board reaches its cloud and proves who it is. All files DER. */
export type BoardIdentity = {
  readonly thingName: string;
  readonly host: string;
  readonly port: number;
  /** Root to trust besides those in the firmware. */
  readonly root: Uint8Array;
  readonly certificate: Uint8Array;
  /** PKCS#8. */
  readonly key: Uint8Array;
};

export type RealBoardOptions = Pick<BoardSetup, "flashFile" | "image" | "onStep"> & {
  readonly engine: EngineName;
  readonly identity: BoardIdentity;
  /** Names that lead to this machine, where the local cloud listens. */
  readonly cloudNames: readonly string[];
  onEvent(event: BoardEvent): void;
};

/** A board on this computer's network and clock, off. */
export function createRealBoard(options: RealBoardOptions): Promise<Board> {
  const { engine, identity, cloudNames, onEvent, ...setup } = options;
  return createBoard({
    ...setup,
    engine,
    clock: new RealClock(),
    network: new LoopbackNetwork({ hosts: Object.fromEntries(cloudNames.map((name) => [name, "127.0.0.1"])) }),
    config: {
      endpoint: identity.host,
      port: identity.port,
      thingName: identity.thingName,
      ssid: "simulated",
      // They are this machine, where the firmware takes no image from without being told so.
      allowedHosts: [...new Set([...cloudNames, identity.host])].join(" "),
    },
    resources: {
      "root-ca.der": identity.root,
      "device-certificate.der": identity.certificate,
      "device-key.der": identity.key,
    },
    onEvent,
  });
}
