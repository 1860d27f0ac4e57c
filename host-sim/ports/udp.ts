/**
 * SDK `embedded:io/socket/udp`, as far as the options of the DNS resolver need it: the class exists, the board carries
 * no datagrams.
 */
class UDP {
  #open = true;

  write(): void {
    if (!this.#open) throw new SyntaxError("this: no UDP instance");
    throw new Error("network unreachable");
  }

  read(): undefined {
    return undefined;
  }

  close(): void {
    this.#open = false;
  }
}

export default UDP;
