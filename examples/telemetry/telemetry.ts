import { decodeUtf8, type MqttSession } from "mqtt-session/index";
import Timer from "timer";

export type TelemetryOptions = {
  /** The application's and the library's one connection. */
  readonly session: MqttSession;
  readonly thingName: string;
  readonly intervalMs: number;
  /** What is sent, as JSON. */
  readonly read: () => object;
  readonly onCommand: (text: string) => void;
  readonly trace: (text: string) => void;
};

/**
 * Sends a reading again and again, and takes commands. A reading waits for the one before it: without a connection one
 * of them is kept, not a queue.
 */
export function startTelemetry({ session, thingName, intervalMs, read, onCommand, trace }: TelemetryOptions): void {
  session.subscribe(`lamps/${thingName}/command`, {
    onMessage: (_topic, payload) => onCommand(decodeUtf8(payload) ?? ""),
  });

  const send = (): void => {
    session.publish(`lamps/${thingName}/state`, JSON.stringify(read()), {
      onDone(error) {
        if (error !== undefined) trace(`telemetry: ${error.code}`);
        Timer.set(send, intervalMs);
      },
    });
  };
  send();
}
