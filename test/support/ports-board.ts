import { newCounters } from "../../host-sim/board/counters.js";
import { GuestNetwork } from "../../host-sim/board/guest-network.js";
import { GuestTimers } from "../../host-sim/board/guest-timers.js";
import { clockCalls, networkCalls } from "../../host-sim/board/host-calls.js";
import { VirtualNetwork, type VirtualNetworkOptions } from "../../host-sim/board/network/index.js";
import { StepCounter } from "../../host-sim/board/steps.js";
import { VirtualClock } from "../../host-sim/board/virtual-clock.js";
import { Wifi } from "../../host-sim/board/wifi.js";
import { dispatch, type HostValue, useHost } from "../../host-sim/ports/host.js";
import Timer from "../../host-sim/ports/timer.js";

export type PortsBoardOptions = Omit<VirtualNetworkOptions, "clock"> & {
  /**
   * Told each exception that left a callback which native code made: a device restarts there. Default: the exception
   * goes on to the test.
   */
  readonly onEscape?: (error: unknown) => void;
};

/**
 * What host-sim's ports ask of a board, without a program: clock, timers and a virtual network, so that a unit test
 * runs a module on the very MQTT and HTTP clients that host-sim gives to the firmware. Time starts at 0. The ports
 * serve one board at a time: the one that was made or run last.
 */
export class PortsBoard {
  readonly clock = new VirtualClock(0);
  readonly network: VirtualNetwork;
  /** The SDK's `timer`, and the clock that moves it. */
  readonly timer: BoardTimer;
  readonly #timers = new GuestTimers(this.clock, (id) => this.#deliver("timer", id, []));
  readonly #sockets: GuestNetwork;
  readonly #calls: ReturnType<typeof clockCalls>;
  readonly #onEscape: ((error: unknown) => void) | undefined;
  #inTurn = false;

  constructor({ onEscape, ...options }: PortsBoardOptions = {}) {
    const { clock } = this;
    this.#onEscape = onEscape;
    this.network = new VirtualNetwork({ ...options, clock });
    this.#sockets = new GuestNetwork(
      this.network,
      new StepCounter(
        () => {},
        () => false,
      ),
      newCounters(),
      (event, id, args) => this.#deliver(event, id, args),
      () => clock.now(),
    );
    this.#calls = {
      ...clockCalls({
        ticks: () => clock.now(),
        now: () => clock.now(),
        setTime: () => {},
        delay: (ms) => clock.block(ms),
        timers: this.#timers,
      }),
      ...networkCalls({ network: this.#sockets, wifi: new Wifi(clock, () => {}) }),
      trace: () => undefined,
    };
    this.timer = new BoardTimer(this, this.#timers);
    this.plug();
  }

  /** Sockets that the program holds. */
  get sockets(): number {
    return this.#sockets.size;
  }

  plug(): void {
    useHost((name, ...args) => {
      const call = this.#calls[name];
      if (call === undefined) throw new Error(`unknown host call ${name}`);
      return call(args);
    });
  }

  /** Ends the turn in which a test called the program itself: what that read is gone from its sockets. */
  endTurn(): void {
    this.plug();
    if (!this.#inTurn) dispatch("end-of-turn", 0);
  }

  #deliver(event: string, id: number, args: readonly HostValue[]): void {
    if (this.#inTurn) {
      // Something called back while the program runs: it hears of it on its next turn.
      this.clock.after(0, () => this.#deliver(event, id, args));
      return;
    }
    this.#inTurn = true;
    try {
      dispatch(event, id, ...args);
    } catch (error) {
      if (this.#onEscape === undefined) throw error;
      this.#onEscape(error);
    } finally {
      this.#inTurn = false;
    }
  }
}

/** The SDK's `timer` of a {@link PortsBoard}; time moves only by {@link BoardTimer.advance}. */
class BoardTimer {
  readonly #board: PortsBoard;
  readonly #timers: GuestTimers;
  #running = false;

  constructor(board: PortsBoard, timers: GuestTimers) {
    this.#board = board;
    this.#timers = timers;
  }

  readonly set = (callback: () => void, milliseconds?: number): object => Timer.set(callback, milliseconds);
  readonly clear = (id?: object): void => Timer.clear(id);

  get now(): number {
    return this.#board.clock.now();
  }

  /** Timers that have been set and neither fired nor cleared, those of the clients included. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Runs everything that falls due within the next `milliseconds`. */
  advance(milliseconds: number): void {
    this.#board.endTurn();
    this.#running = true;
    try {
      this.#board.clock.advance(milliseconds);
    } finally {
      this.#running = false;
    }
  }

  /**
   * Runs what is due now, including what that sets for now. Does nothing while it runs already: all get their turn
   * anyway.
   */
  settle(): void {
    if (!this.#running) this.advance(0);
  }
}
