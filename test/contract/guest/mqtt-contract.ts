/** The broker does what the client identifier says; see the peers' table. */
import { type Check, nameOf, type Program } from "./harness.js";
import { DNSResolver, type MQTT, MQTTClient, text, UDP } from "./sdk.js";
import { LOCAL, ports, WINDOW } from "./settings.js";

interface Message {
  readonly operation: number;
  readonly id?: number;
  readonly returnCode?: number;
  readonly payload?: number[];
}

interface Fragment {
  readonly topic?: string;
  readonly byteLength?: number;
  readonly QoS?: number;
  readonly more: boolean;
}

interface Handlers {
  onReadable?(client: MQTT, count: number, options: Fragment): void;
  onWritable?(client: MQTT, count: number): void;
  onControl?(client: MQTT, message: Message): void;
  onError?(...args: unknown[]): void;
}

const CONNACK = 2;
const SUBSCRIBE = 8;

function open(check: Check, id: string, handlers: Handlers, options: object = {}): MQTT {
  const client: MQTT = new MQTTClient({
    host: LOCAL,
    port: ports.mqtt,
    id,
    dns: { io: DNSResolver, servers: [], socket: { io: UDP } },
    socket: { io: check.GuardedTCP },
    onReadable: check.callback((count: number, fragment: Fragment) => {
      if (handlers.onReadable) handlers.onReadable(client, count, fragment);
      else client.read();
    }),
    onWritable: check.callback((count: number) => handlers.onWritable?.(client, count)),
    onControl: check.callback((message: Message) => handlers.onControl?.(client, message)),
    onError: check.callback((...args: unknown[]) => handlers.onError?.(...args)),
    ...options,
  });
  check.cleanup(() => client.close());
  return client;
}

function onConnected(action: (client: MQTT) => void): NonNullable<Handlers["onControl"]> {
  return (client, message) => {
    if (message.operation === CONNACK) action(client);
  };
}

export const mqttContract: readonly Program[] = [
  {
    name: "mqtt: CONNACK comes by onControl, onWritable right behind it",
    run(check) {
      const calls: string[] = [];
      open(check, "plain", {
        onControl: (_client, message) => calls.push(`control ${message.operation} ${message.returnCode}`),
        onWritable(_client, count) {
          calls.push("writable");
          check.equal(calls.slice(0, 2).join(), "control 2 0,writable", "order");
          check.ok(count <= WINDOW - 8, "room without overhead");
          check.done();
        },
      });
    },
  },
  {
    name: "mqtt: CONNECT carries what the options say",
    run(check) {
      open(
        check,
        "describe",
        {
          onReadable(client, count) {
            check.equal(
              text.decode(client.read(count)),
              '{"clean":false,"keepalive":3,"user":"u","password":"p","will":"gone/x:1:true:bye"}',
              "CONNECT as the broker saw it",
            );
            check.done();
          },
        },
        {
          clean: false,
          keepAlive: 2500,
          user: "u",
          password: "p",
          will: { topic: "gone/x", message: "bye", QoS: 1, retain: true },
        },
      );
    },
  },
  {
    name: "mqtt: a refused connection is an onError without reason",
    run(check) {
      const calls: string[] = [];
      open(check, "refuse", {
        onControl: () => calls.push("control"),
        onError: (...args) => calls.push(`error ${args.length}`),
      });
      check.after(400, () => {
        check.equal(calls.join(), "error 0", "calls");
        check.done();
      });
    },
  },
  {
    name: "mqtt: writing before the connection stands and after close throws",
    run(check) {
      const client = open(check, "plain", {
        onControl: onConnected((connected) => {
          connected.close();
          connected.close();
          check.throws(() => connected.write(Uint8Array.of(1), { topic: "a" }), "TypeError", undefined, "after");
          check.done();
        }),
      });
      check.throws(() => client.write(Uint8Array.of(1), { topic: "a" }), "TypeError", undefined, "before");
    },
  },
  {
    name: "mqtt: SUBACK brings id and codes, 128 for a refused filter",
    run(check) {
      open(check, "plain", {
        onControl(client, message) {
          if (message.operation === CONNACK) {
            client.write(null, {
              operation: SUBSCRIBE,
              id: 4321,
              items: [{ topic: "a/b", QoS: 1 }, { topic: "refuse" }],
            });
            return;
          }
          check.equal(message.operation, 9, "operation");
          check.equal(message.id, 4321, "id");
          check.equal(message.payload?.join(), "1,128", "codes");
          check.done();
        },
      });
    },
  },
  {
    name: "mqtt: a published message comes back with topic, length and QoS, and PUBACK with the id",
    run(check) {
      const calls: string[] = [];
      open(check, "echo", {
        onControl(client, message) {
          if (message.operation === CONNACK) client.write(text.encode("hello"), { topic: "t/1", QoS: 1, id: 77 });
          else calls.push(`control ${message.operation} ${message.id}`);
        },
        onReadable(client, count, fragment) {
          calls.push(`${count} ${fragment.topic} ${fragment.byteLength} ${fragment.QoS} ${fragment.more}`);
          calls.push(text.decode(client.read()));
        },
      });
      check.after(500, () => {
        check.equal(calls.join("|"), "control 4 77|5 t/1 5 1 false|hello", "calls");
        check.done();
      });
    },
  },
  {
    name: "mqtt: a long message comes in fragments of at most the window",
    run(check) {
      let bytes = 0;
      let first = "";
      let largest = 0;
      open(check, "long", {
        onReadable(client, count, fragment) {
          if (bytes === 0) first = `${fragment.topic} ${fragment.byteLength} ${fragment.QoS}`;
          else check.equal(Object.keys(fragment).join(), "more", "later fragments");
          largest = Math.max(largest, count);
          const into = new Uint8Array(count);
          check.equal(client.read(into), count, "read");
          for (const byte of into) check.equal(byte, bytes++ & 255, "byte");
          if (fragment.more) return;
          check.equal(first, "long 20000 0", "first fragment");
          check.equal(bytes, 20000, "bytes");
          check.ok(largest <= WINDOW && largest > 1000, `largest fragment ${largest}`);
          check.done();
        },
      });
    },
  },
  {
    name: "mqtt: several messages in one segment are several calls; an unread one holds back the rest",
    run(check) {
      const topics: string[] = [];
      open(check, "three", {
        onReadable(client, _count, fragment) {
          topics.push(String(fragment.topic));
          if (topics.length === 2)
            check.after(200, () => {
              check.equal(topics.join(), "m/0,m/1", "until it is read");
              client.read();
            });
          else client.read();
          if (topics.length === 3) check.done();
        },
      });
    },
  },
  {
    name: "mqtt: the acknowledgement of a QoS 1 message is sent before the message is read",
    run(check) {
      let offered = false;
      open(check, "qos1", {
        onReadable(client, _count, fragment) {
          if (fragment.topic === "first") offered = true;
          else {
            client.read();
            check.ok(false, "nothing behind an unread message is offered");
          }
        },
      });
      check.after(300, () => {
        check.ok(offered, "offered");
        // A second client asks the broker whether the acknowledgement of the first has come.
        open(check, "qos1-acked", {
          onReadable(client, count) {
            check.equal(text.decode(client.read(count)), "9", "acknowledged id");
            check.done();
          },
        });
      });
    },
  },
  {
    name: "mqtt: a publish may be written in parts, and nothing else meanwhile",
    run(check) {
      const part = new Uint8Array(1000).fill(1);
      let parts = 0;
      open(check, "length", {
        onWritable(client, count) {
          if (parts === 0) {
            parts = 1;
            client.write(part, { topic: "big", byteLength: 3000 });
            check.throws(() => client.write(part, { topic: "other" }), "Error", "", "another publish");
            check.throws(() => client.write(new Uint8Array(2001)), "Error", "", "too much");
          } else if (parts < 3 && count >= part.byteLength) {
            parts += 1;
            client.write(part);
          }
        },
        onReadable(client, count) {
          check.equal(text.decode(client.read(count)), "3000", "bytes at the broker");
          check.done();
        },
      });
    },
  },
  {
    name: "mqtt: a packet larger than the room overflows and nothing is sent",
    run(check) {
      open(check, "length", {
        onControl: onConnected((client) => {
          check.throws(() => client.write(new Uint8Array(2000), { topic: "big" }), "Error", "overflow", "2000 bytes");
          check.throws(
            () => client.write(new Uint8Array(8), { topic: "x", byteLength: 4 }),
            "Error",
            "invalid",
            "lengths",
          );
          check.throws(() => client.write(null, { operation: 15 }), "Error", "unknown", "operation");
          client.write(new Uint8Array(8), { topic: "x" });
        }),
        onReadable(client, count) {
          check.equal(text.decode(client.read(count)), "8", "bytes at the broker");
          check.done();
        },
      });
    },
  },
  {
    name: "mqtt: a string as payload throws and spoils the stream",
    run(check) {
      open(check, "length", {
        onControl: onConnected((client) => {
          check.throws(() => client.write("text", { topic: "x" }), "TypeError", undefined, "string");
          client.write(new Uint8Array(8), { topic: "x" });
        }),
        onReadable(client, count) {
          check.ok(text.decode(client.read(count)) !== "8", "the next publish arrives whole");
        },
      });
      check.after(400, () => check.done());
    },
  },
  {
    name: "mqtt: an empty payload silences the connection",
    run(check) {
      const topics: string[] = [];
      open(check, "empty", {
        onReadable(client, _count, fragment) {
          topics.push(String(fragment.topic));
          client.read();
        },
      });
      check.after(600, () => {
        check.equal(topics.join(), "before", "topics");
        check.done();
      });
    },
  },
  {
    name: "mqtt: pings keep the connection, and a broker that does not answer them ends it",
    run(check) {
      let pongs = 0;
      open(
        check,
        "plain",
        {
          onControl(_client, message) {
            if (message.operation === 13) pongs += 1;
          },
          onError: () => check.ok(false, "no error while pings are answered"),
        },
        { keepAlive: 1000 },
      );
      let failed = false;
      open(
        check,
        "no-pong",
        {
          onError() {
            failed = true;
          },
        },
        { keepAlive: 1000 },
      );
      check.after(2500, () => {
        check.ok(pongs >= 2, `pings answered: ${pongs}`);
        check.ok(failed, "silent broker");
        check.done();
      });
    },
  },
  {
    name: "mqtt: the end of the connection is an onError without arguments",
    run(check) {
      open(check, "drop", {
        onError(...args) {
          check.equal(args.length, 0, "arguments");
          check.done();
        },
      });
    },
  },
  {
    name: "mqtt: a new client may be made inside onError",
    run(check) {
      open(check, "drop", {
        onError() {
          open(check, "plain", { onControl: () => check.done() });
        },
      });
    },
  },
  {
    name: "mqtt: close inside onControl and inside onError is safe",
    run(check) {
      open(check, "plain", { onControl: onConnected((client) => client.close()) });
      const client = open(check, "drop", { onError: () => client.close() });
      check.after(400, () => {
        check.equal(check.escaped.join(), "", "exceptions");
        check.done();
      });
    },
  },
  {
    name: "mqtt: close inside onReadable throws in the callback of a plain socket",
    run(check) {
      open(check, "three", { onReadable: (client) => client.close() });
      check.after(400, () => {
        check.equal(
          check.escaped.map((line) => line.slice(0, line.indexOf(":"))).join(),
          "SyntaxError,TypeError",
          "exceptions",
        );
        check.done();
      });
    },
  },
  {
    name: "mqtt: close does not cancel the name resolution, whose answer then throws",
    run(check) {
      let resolved: ((host: string, address: string) => void) | undefined;
      let thrown = "";
      class LateResolver {
        resolve(options: { onResolved(host: string, address: string): void }): void {
          resolved = options.onResolved;
        }
      }
      const client = open(check, "plain", {}, { dns: { io: LateResolver } });
      client.close();
      try {
        resolved?.(LOCAL, LOCAL);
      } catch (error) {
        thrown = nameOf(error);
      }
      check.equal(thrown, "TypeError", "thrown into the resolver");
      check.done();
    },
  },
  {
    name: "mqtt: the constructor needs a host",
    run(check) {
      check.throws(() => new MQTTClient({ dns: {}, socket: {} }), "Error", "host required", "no host");
      check.done();
    },
  },
];
