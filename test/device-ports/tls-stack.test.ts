import assert from "node:assert/strict";
import { requireStack } from "../../modules/device-ports/tls-stack.js";
import type { MachineMemory } from "../../modules/foundation/machine-memory.js";

class TlsSocket {
  read(): unknown {
    return undefined;
  }
  close(): void {}
}

const withStack = (stack: number): MachineMemory => ({
  stack,
  heap: { initial: 4608, incremental: 128 },
  chunk: { initial: 73728, incremental: 4096 },
  static: 0,
});

describe("the TLS class of a virtual machine", () => {
  it("is the SDK's own where there is stack enough for a handshake, or nobody knows", () => {
    for (const stack of [1024, 512]) assert.equal(requireStack(TlsSocket, withStack(stack)), TlsSocket);
    assert.equal(requireStack(TlsSocket, undefined), TlsSocket);
  });

  it("refuses to connect in the SDK's smallest stack, 384 slots, and says where to set it", () => {
    const Short = requireStack(TlsSocket, withStack(384));
    assert.throws(() => new Short({ TCP: { io: TlsSocket } }), {
      message: `"creation" in the application's manifest: stack 384, TLS takes 432`,
    });
  });
});
