import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Debian installs it where only root's PATH leads. */
const PROGRAMS = ["mosquitto", "/usr/sbin/mosquitto"];

export const mosquittoProgram = PROGRAMS.find((program) => spawnSync(program, ["-h"]).error === undefined);

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Eclipse Mosquitto on loopback: TLS, client certificates demanded. All files lie in `dir`. */
export async function startMosquitto(options: {
  readonly dir: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}): Promise<{ port: number; stop(): Promise<void> }> {
  const { dir } = options;
  const port = await freePort();
  const files = { "ca.pem": options.ca, "server.pem": options.cert, "server.key": options.key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const lines = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "persistence false",
    "require_certificate true",
    `cafile ${join(dir, "ca.pem")}`,
    `certfile ${join(dir, "server.pem")}`,
    `keyfile ${join(dir, "server.key")}`,
    ...(process.getuid?.() === 0 ? ["user root"] : []),
  ];
  writeFileSync(join(dir, "mosquitto.conf"), `${lines.join("\n")}\n`);
  const child = spawn(mosquittoProgram ?? "mosquitto", ["-v", "-c", join(dir, "mosquitto.conf")], { stdio: "pipe" });
  await running(child);
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

function running(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const look = (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (/mosquitto version \S+ running/.test(text)) resolve();
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("close", () => reject(new Error(`mosquitto ended:\n${text}`)));
  });
}
