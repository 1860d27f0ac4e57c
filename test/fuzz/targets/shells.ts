/**
 * Whole shells on host-sim's clients: a server that sends anything, cut anyhow. No exception may leave a callback that
 * native code made (a device restarts there), and nothing may be left behind.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PeerConnection } from "../../../host-sim/board/network/index.js";
import Resolver from "../../../host-sim/ports/dns-resolver.js";
import MQTTClient from "../../../host-sim/ports/mqtt-client.js";
import TCP from "../../../host-sim/ports/tcp.js";
import { AWS_JOBS_RETRY, AwsJobs } from "../../../modules/aws-jobs/index.js";
import { FOTA_DOWNLOAD_RETRY, FotaDownload, type FotaDownloadError } from "../../../modules/fota-download/index.js";
import type { NetworkEndpoint } from "../../../modules/foundation/endpoint.js";
import { guardTcp, type TcpClass } from "../../../modules/guarded-tcp/index.js";
import { MQTT_SESSION_RETRY, type MqttEndpoint, MqttSession } from "../../../modules/mqtt-session/index.js";
import { bytesTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, cutBytes } from "../../support/fuzz/invariants.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";
import { packetReader } from "../../support/mqtt-packets.js";
import { PortsBoard } from "../../support/ports-board.js";
import { serverPackets } from "./mqtt-packets.js";

const HOST = "server.example";
const THING = "thing-1";
/** Callbacks of one case; a shell that goes round in circles is stopped by it. */
const MOST_TURNS = 20_000;

type Bench = { readonly board: PortsBoard; readonly escapes: string[]; readonly socket: { readonly io: TcpClass } };

/** A board on whose network `serve` is told of each connection. */
function bench(port: number, serve: (peer: PeerConnection) => void): Bench {
  const escapes: string[] = [];
  const board = new PortsBoard({ onEscape: (error) => escapes.push(String(error)) });
  board.network.listen(HOST, port, serve);
  const io = guardTcp(TCP as unknown as TcpClass, { timer: board.timer });
  return { board, escapes, socket: { io } };
}

/** A segment each, on turns of their own. */
function send(board: PortsBoard, peer: PeerConnection, pieces: readonly Uint8Array[], atEnd?: () => void): void {
  const [piece, ...rest] = pieces;
  if (piece === undefined) {
    atEnd?.();
    return;
  }
  peer.write(piece);
  board.clock.after(1, () => send(board, peer, rest, atEnd));
}

function assertNothingLeft({ board, escapes }: Bench): void {
  assert.deepEqual(escapes, [], "an exception left a callback of native code");
  assert.equal(board.sockets, 0, "sockets are left");
  assert.equal(board.timer.pending, 0, "timers are left");
}

const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const MAX_MESSAGE = 1024;
/** Shorter than Jobs waits for an answer, and than the session waits for one to its ping. */
const WHILE_MS = 14_000;

export const mqttShell = bytesTarget({
  name: "mqtt-shell",
  reads: "everything a broker may send after CONNACK, through client, session and Jobs",
  reaches: ["connected", "answered", "RequestThrottled", "disconnected"],
  cost: 20,
  data: mutatedBytes(serverPackets),
  check: (bytes, salt) => {
    let connections = 0;
    const seats = bench(8883, (peer) => {
      connections += 1;
      const isFirst = connections === 1;
      peer.onData = packetReader((packet) => {
        if (packet.cmd === "connect") peer.write(CONNACK);
        const { messageId: id = 0 } = packet;
        if (packet.cmd === "subscribe") {
          const granted = packet.subscriptions.map(() => 1);
          peer.write(Uint8Array.of(0x90, 2 + granted.length, id >> 8, id, ...granted));
        }
        // The device has asked Jobs what is next: anything may come now.
        if (packet.cmd === "publish" && isFirst) board.clock.after(1, () => send(board, peer, cutBytes(bytes, salt)));
      });
    });
    const { board, socket } = seats;
    let turns = 0;
    let asked = false;
    const failures: string[] = [];
    const session = new MqttSession({
      mqtt: {
        io: MQTTClient,
        dns: { io: Resolver, servers: ["192.0.2.53"], socket: {} },
        socket,
      } as unknown as MqttEndpoint,
      host: HOST,
      id: THING,
      random: () => 0.5,
      maxMessageBytes: MAX_MESSAGE,
      timer: board.timer,
    });
    session.observe({
      onDisconnected: ({ code }) => failures.push(code),
      onError: ({ code }) => failures.push(code),
    });
    const answers: string[] = [];
    const jobs = new AwsJobs({
      session,
      thingName: THING,
      timer: board.timer,
      random: () => 0.5,
      onReady: () => {
        if (asked) return;
        asked = true;
        jobs.describeNext((error) => answers.push(error?.code ?? "answered"));
      },
      onNotifyNext: () => {},
      onError: ({ code }) => assert.ok(Object.hasOwn(AWS_JOBS_RETRY, code), code),
    });
    const topic = "t";
    session.subscribe(topic, {
      onMessage: (name, payload) => {
        turns += 1;
        assert.equal(name, topic);
        assert.ok(payload.length <= MAX_MESSAGE, "longer ones are dropped");
      },
    });
    jobs.open();
    session.open();
    board.timer.advance(WHILE_MS);
    assert.ok(turns < MOST_TURNS);
    for (const code of failures) assert.ok(Object.hasOwn(MQTT_SESSION_RETRY, code), `unknown code ${code}`);
    assert.ok(answers.length <= 1, "a question has one answer");
    for (const code of answers) assert.ok(code === "answered" || Object.hasOwn(AWS_JOBS_RETRY, code), code);
    const verdict = answers[0] ?? (failures.length === 0 ? "connected" : "lost");
    jobs.close();
    session.close();
    board.timer.advance(0);
    assertNothingLeft(seats);
    return verdict;
  },
});

const BODY = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7) & 0xff);
const ETAG = '"e"';

function answer(head: string, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const texts = [head.replaceAll("\n", "\r\n"), ...parts];
  return new Uint8Array(Buffer.concat(texts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))));
}

const chunk = (bytes: Uint8Array): Uint8Array => answer(`${bytes.length.toString(16)}\n`, bytes, "\r\n");

const answers = fc.constantFrom(
  answer(`HTTP/1.1 200 OK\nETag: ${ETAG}\nContent-Length: 3000\n\n`, BODY),
  answer(`HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-2999/3000\nContent-Length: 3000\n\n`, BODY),
  answer(
    `HTTP/1.1 206 Partial Content\nETag: ${ETAG}\nContent-Range: bytes 0-2999/3000\nTransfer-Encoding: chunked\n\n`,
    chunk(BODY.subarray(0, 1000)),
    chunk(BODY.subarray(1000)),
    "0\r\n\r\n",
  ),
  answer(
    "HTTP/1.1 403 Forbidden\nTransfer-Encoding: chunked\n\n",
    chunk(Buffer.from("<Code>AccessDenied</Code>")),
    "0\r\n\r\n",
  ),
  answer("HTTP/1.1 307 Temporary Redirect\nLocation: /secret/other\nContent-Length: 0\n\n"),
  answer("HTTP/1.1 503 Slow Down\nRetry-After: 3\nContent-Length: 5\n\n", "hello"),
  answer("HTTP/1.1 100 Continue\n\nHTTP/1.1 204 No Content\n\n"),
);

export const httpShell = bytesTarget({
  name: "http-shell",
  reads: "everything an image's server may send, through client and downloader",
  reaches: ["done", "failed"],
  cost: 40,
  data: mutatedBytes(answers),
  check: (bytes, salt) => {
    let connections = 0;
    const seats = bench(80, (peer) => {
      connections += 1;
      peer.onData = () => {
        peer.onData = () => {};
        send(board, peer, cutBytes(bytes, salt + connections), salt % 3 === 0 ? () => peer.end() : undefined);
      };
    });
    const { board, socket } = seats;
    const endpoint = {
      dns: { io: Resolver, servers: ["192.0.2.53"], socket: {} },
      socket,
    } as unknown as NetworkEndpoint;
    let received: number[] = [];
    const ends: string[] = [];
    let failure: FotaDownloadError | undefined;
    let size: number | undefined;
    const download = new FotaDownload({
      http: endpoint,
      timer: board.timer,
      clock: { ticks: () => board.timer.now, now: () => Date.UTC(2026, 0, 1) + board.timer.now },
      random: () => 0.5,
      url: `http://${HOST}/secret?X-Amz-Signature=secret`,
      allowHttp: true,
      maxSize: 10_000,
      maxAttempts: 3,
      trace: (text) => assertSafeMessage(text, 400),
      sink: { write: (piece) => void received.push(...piece) },
      onRestart: () => {
        received = [];
      },
      onDone: (result) => {
        ends.push("done");
        size = result.size;
      },
      onError: (error) => {
        ends.push("failed");
        failure = error;
      },
    });
    download.start();
    board.timer.advance(7_200_000);
    assert.equal(ends.length, 1, "a download ends, once");
    if (failure !== undefined) {
      assert.ok(Object.hasOwn(FOTA_DOWNLOAD_RETRY, failure.code), failure.code);
      assertSafeMessage(failure.message, 200);
    } else assert.equal(received.length, size, "all of it, and no more");
    assert.ok(received.length <= 10_000, "the limit holds");
    assert.ok(connections <= 20, `${connections} connections for three attempts`);
    assertNothingLeft(seats);
    return ends[0] ?? assert.fail();
  },
});
