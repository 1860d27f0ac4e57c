/** The far end of the TCP and TLS contracts: does what the first line, or the whole first record, says. */
import type { Socket } from "node:net";

/** Bytes 0, 1, ... 255, 0, ... */
export function pattern(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => index & 255));
}

function countIn(command: string): number {
  return Number(command.split(" ")[1] ?? 0);
}

/** `echo`, `sink`, `send N`, `fin N`, `reset`, each with a line end; bytes behind the line of `echo` come back. */
export function serveTcp(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  let line: string | undefined;
  let head = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    if (line !== undefined) {
      if (line === "echo") socket.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\n");
    if (end < 0) return;
    line = head.toString("latin1", 0, end);
    const rest = head.subarray(end + 1);
    if (line === "echo" && rest.length > 0) socket.write(rest);
    if (line.startsWith("send ")) socket.write(pattern(countIn(line)));
    if (line.startsWith("fin ")) socket.end(pattern(countIn(line)));
    if (line === "reset") socket.resetAndDestroy();
  });
}

/** Echoes, except `records BYTES COUNT`: so many records of so many bytes. */
export function serveTls(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    const [command, bytes, count] = chunk.toString("latin1").split(" ");
    if (command !== "records") {
      socket.write(chunk);
      return;
    }
    sendRecords(socket, Number(bytes), Number(count));
  });
}

/** One after the other: writes that wait for each other would share a record. */
function sendRecords(socket: Socket, bytes: number, count: number): void {
  if (count > 0) socket.write(pattern(bytes), () => sendRecords(socket, bytes, count - 1));
}
