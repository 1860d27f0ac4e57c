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
    assert.equal(requireStack(TlsSocket, withStack(1024)), TlsSocket);
    assert.equal(requireStack(TlsSocket, withStack(512)), TlsSocket);
    assert.equal(requireStack(TlsSocket, undefined), TlsSocket);
  });

  for (const stack of [384, 447])
    it(`refuses to connect in a stack of ${stack} slots, and says where to set it`, () => {
      const Short = requireStack(TlsSocket, withStack(stack));
      assert.throws(() => new Short({ TCP: { io: TlsSocket } }), {
        message: `"creation" in the application's manifest: stack ${stack}, TLS takes 448`,
      });
    });
});
