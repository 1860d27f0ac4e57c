import assert from "node:assert/strict";
import { requireStrictTls } from "../../modules/device-ports/strict-socket.js";
import { guardTls } from "../../modules/guarded-tcp/index.js";
import { TlsRefusal } from "../../modules/strict-tls/index.js";
import { VirtualTimer } from "../support/virtual-timer.js";

class Tcp {
  close(): void {}
}

describe("the TLS class of a build in which other modules stand in the place of strict TLS", () => {
  let made = 0;
  class TlsSocket {
    constructor() {
      made += 1;
    }
    read(): unknown {
      return undefined;
    }
    close(): void {}
  }

  beforeEach(() => {
    made = 0;
  });

  it("is the SDK's own when none does", () => {
    assert.equal(requireStrictTls(TlsSocket, []), TlsSocket);
  });

  it("refuses to connect, with the code tls and the names, before anything is opened", () => {
    const Refusing = guardTls(requireStrictTls(TlsSocket, ["ssl/cert", "ssl/session"]), { timer: new VirtualTimer() });
    assert.throws(
      () => new Refusing({ TCP: { io: Tcp } }),
      (error) => error instanceof TlsRefusal && /^protocol: .*ssl\/cert, ssl\/session$/.test(error.message),
    );
    assert.equal(made, 0);
  });
});
