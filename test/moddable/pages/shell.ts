/** Runs blocks of a page as its reader would, in one folder after the other. */
import { type ChildProcess, spawn } from "node:child_process";

/** A program of a page that stays: the local AWS, a simulator. */
export class Program {
  text = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #waiting = new Set<() => void>();

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn("bash", ["-ec", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const take = (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const look of [...this.#waiting]) look();
    };
    this.#child.stdout?.on("data", take);
    this.#child.stderr?.on("data", take);
    // Not "close": what it left in the background, a log for example, holds its output open.
    this.#ended = new Promise((resolve) => this.#child.once("exit", resolve));
  }

  /** Waits for what `pattern` matches, also of a program that it left in the background. */
  seen(pattern: RegExp, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const fail = (why: string) => end(() => reject(new Error(`${pattern} is not seen ${why}:\n${this.text}`)));
      const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
      const look = () => {
        const found = pattern.exec(this.text);
        if (found !== null) end(() => resolve(found[0]));
      };
      this.#waiting.add(look);
      void this.#ended.then((code) => {
        if (code !== 0 && this.#waiting.has(look)) fail(`before the end with ${code ?? "a signal"}`);
      });
      look();
    });
  }

  /** The exit code. */
  async ended(timeoutMs: number): Promise<number | null> {
    const late = setTimeout(() => this.#signal("SIGKILL"), timeoutMs);
    const code = await this.#ended;
    clearTimeout(late);
    return code;
  }

  /** Ends it with all that it started. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    await this.ended(5_000);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group has ended.
    }
  }
}

export class Shell {
  readonly #programs: Program[] = [];
  readonly #env: NodeJS.ProcessEnv;
  /** What a reader puts in, and what keeps parallel tests apart. */
  readonly replacements = new Map<string, string>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  start(command: string, cwd: string): Program {
    let text = command;
    for (const [from, to] of this.replacements) text = text.replaceAll(from, to);
    const program = new Program(text, cwd, this.#env);
    this.#programs.push(program);
    return program;
  }

  /** @throws Error with all that was printed when a command fails */
  async run(command: string, cwd: string, timeoutMs = 600_000): Promise<string> {
    const program = this.start(command, cwd);
    const code = await program.ended(timeoutMs);
    if (code !== 0) throw new Error(`${command}\nended with ${code ?? "a signal"}:\n${program.text}`);
    return program.text;
  }

  async close(): Promise<void> {
    for (let program = this.#programs.pop(); program !== undefined; program = this.#programs.pop())
      await program.stop();
  }
}
