/** Two DNS servers on addresses of this computer, at the one port that the SDK asks. */
import { createSocket, type Socket } from "node:dgram";

/** Ask the first server and the second. */
export const DNS_SERVERS: readonly string[] = Object.freeze(["127.0.0.54", "127.0.0.55"]);
const PORT = 53;

/** What a server says to a name: an address, that there is none, or nothing. */
export function dnsAnswer(host: string, server: string): string | "fail" | "silence" {
  const index = DNS_SERVERS.indexOf(server);
  if (host === "order.test") return `10.0.0.${index + 1}`;
  if (host === "silent.test") return index === 1 ? "silence" : "10.0.0.1";
  return index === 1 ? "fail" : "10.0.0.1";
}

/** The servers, or none where the port may not be listened on: it belongs to the system. */
export async function startDnsPeers(): Promise<Socket[]> {
  const sockets = DNS_SERVERS.map((server) => {
    const socket = createSocket("udp4");
    socket.on("message", (message, from) => {
      const answer = dnsAnswer(nameIn(message), server);
      if (answer !== "silence") socket.send(responseTo(message, answer), from.port, from.address);
    });
    return { socket, server };
  });
  const bound = await Promise.all(
    sockets.map(
      ({ socket, server }) =>
        new Promise<boolean>((resolve) => {
          socket.once("error", () => resolve(false));
          socket.bind(PORT, server, () => resolve(true));
        }),
    ),
  );
  if (bound.every(Boolean)) return sockets.map(({ socket }) => socket);
  for (const [index, { socket }] of sockets.entries()) if (bound[index] === true) socket.close();
  return [];
}

/** The question's name. [RFC 1035, 4.1.2] */
function nameIn(message: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; message[at] !== undefined && message[at] !== 0; at += 1 + (message[at] ?? 0))
    labels.push(message.toString("latin1", at + 1, at + 1 + (message[at] ?? 0)));
  return labels.join(".");
}

function responseTo(message: Buffer, answer: string): Buffer {
  const question = message.subarray(12, message.indexOf(0, 12) + 5);
  const isUnknown = answer === "fail";
  const head = Buffer.from([0, 0, 0x81, isUnknown ? 0x83 : 0x80, 0, 1, 0, isUnknown ? 0 : 1, 0, 0, 0, 0]);
  message.copy(head, 0, 0, 2);
  // The name by a pointer to the question, A, IN, a minute, four bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...answer.split(".").map(Number)]);
  return Buffer.concat([head, question, ...(isUnknown ? [] : [record])]);
}
