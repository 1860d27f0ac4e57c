import assert from "node:assert/strict";
import { generate, parser } from "mqtt-packet";
import { createMemoryAws, type MemoryAws } from "../../../host-sim/cloud/memory/memory-aws.js";
import { StepClock } from "../support/memory-s3.js";

function seeded(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

/** Connects as the device and answers the texts of the messages that arrive. */
function listen(aws: MemoryAws, thingName: string, certificateId: string): string[] {
  const messages: string[] = [];
  const incoming = parser();
  incoming.on("packet", (packet) => {
    if (packet.cmd === "publish") messages.push(packet.payload.toString());
  });
  const peer = aws.mqtt.accept(
    { write: (bytes) => void incoming.parse(Buffer.from(bytes)), close: () => {} },
    { certificateId },
  );
  peer?.onData(
    generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      clientId: thingName,
      keepalive: 60,
    }),
  );
  const topic = `$aws/things/${thingName}/jobs/notify-next`;
  peer?.onData(generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 1 }] }));
  return messages;
}

describe("the local AWS in memory", () => {
  it("tells a device of a new image and serves it, on the given clock alone", () => {
    const clock = new StepClock();
    const aws = createMemoryAws({ clock, random: seeded() });
    const { certificateId } = aws.addDevice("board-1");
    const messages = listen(aws, "board-1", certificateId);
    clock.advance(0);
    aws.publishImage({ image: new Uint8Array(1000), version: "1.0.2", thingName: "board-1", jobId: "fw-1" });
    assert.equal(aws.jobExecution("board-1", "fw-1"), undefined);
    clock.advance(1000);
    const url = /"url":"(https:[^"]+)"/.exec(messages[0] ?? "")?.[1] ?? "";
    assert.equal(new URL(url).host, "s3.us-east-1.amazonaws.com");
    let received = "";
    const wire = aws.http.accept({
      write: (bytes) => {
        received += Buffer.from(bytes).toString("latin1");
      },
      close: () => {},
    });
    const { host, pathname, search } = new URL(url);
    wire.onData(Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=0-0\r\n\r\n`));
    clock.advance(0);
    assert.match(received, /^HTTP\/1\.1 206 [\s\S]*content-range: bytes 0-0\/1000\r\n/);
    assert.match(JSON.stringify(aws.jobExecution("board-1", "fw-1")), /"status":"QUEUED"/);
    assert.equal(aws.counters.mqttConnects, 1);
    assert.equal(aws.http.counters.requests, 1);
    aws.close();
  });

  it("does the same twice with the same seed", () => {
    const run = () => {
      const clock = new StepClock();
      const aws = createMemoryAws({ clock, random: seeded() });
      const messages = listen(aws, "board-1", aws.addDevice("board-1").certificateId);
      aws.publishImage({ image: new Uint8Array(10), version: "2", thingName: "board-1", jobId: "fw-1" });
      clock.advance(1000);
      aws.close();
      return messages;
    };
    assert.deepEqual(run(), run());
    assert.equal(run().length, 1);
  });

  it("refuses a device that nobody added", () => {
    const aws = createMemoryAws({ clock: new StepClock(), random: seeded() });
    let closed = false;
    const port = {
      write: () => {},
      close: () => {
        closed = true;
      },
    };
    aws.mqtt.accept(port, { certificateId: "0".repeat(64) });
    assert(closed);
    aws.close();
  });
});
