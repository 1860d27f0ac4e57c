import assert from "node:assert/strict";
import { generate, parser } from "mqtt-packet";
import { arnOf } from "../../../host-sim/cloud/context/arns.js";
import { control } from "../../../host-sim/cloud/jobs/index.js";
import { createVirtualAws, type VirtualAws } from "../../../host-sim/cloud/virtual/virtual-aws.js";
import { StepClock } from "../support/memory-s3.js";

function seeded(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

/** Connects as the device and answers the texts of the messages that arrive. */
function listen(aws: VirtualAws, thingName: string, certificateId: string): string[] {
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

/** An object in the bucket, and the job `fw-1` for the thing whose document has a placeholder for it. */
function publish(aws: VirtualAws, bytes: Uint8Array): void {
  aws.putObject("firmware", "fw-1.bin", bytes);
  control.createJob(aws.services.jobs, {
    jobId: "fw-1",
    targets: [arnOf(aws, "thing", "board-1")],
    document: `{"url":"\${aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/firmware/fw-1.bin}"}`,
    presignedUrlConfig: { roleArn: "arn:aws:iam::000000000000:role/presign" },
  });
}

describe("the virtual AWS", () => {
  it("tells a device of a new image and serves it, on the given clock alone", () => {
    const clock = new StepClock();
    const aws = createVirtualAws({ clock, random: seeded() });
    const { certificateId } = aws.addDevice("board-1");
    const messages = listen(aws, "board-1", certificateId);
    clock.advance(0);
    publish(aws, new Uint8Array(1000));
    assert.equal(aws.execution("board-1", "fw-1"), undefined);
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
    assert.equal(aws.execution("board-1", "fw-1")?.status, "QUEUED");
    assert.equal(aws.counters.mqttConnects, 1);
    assert.equal(aws.http.counters.requests, 1);
    aws.close();
  });

  it("does the same twice with the same seed", () => {
    const run = () => {
      const clock = new StepClock();
      const aws = createVirtualAws({ clock, random: seeded() });
      const messages = listen(aws, "board-1", aws.addDevice("board-1").certificateId);
      publish(aws, new Uint8Array(10));
      clock.advance(1000);
      aws.close();
      return messages;
    };
    assert.deepEqual(run(), run());
    assert.equal(run().length, 1);
  });

  it("refuses a device that nobody added", () => {
    const aws = createVirtualAws({ clock: new StepClock(), random: seeded() });
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
