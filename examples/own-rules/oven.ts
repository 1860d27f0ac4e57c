import config from "mc/config";
import Timer from "timer";

/** How the sensor is said to answer here; a real one is asked through its driver. */
const SENSOR_MS = 50;

/** Stands for the machine that the board drives. `config.bakingMs`: how long after the start it is busy. */
export class Oven {
  #isBaking = false;
  #waiting: (() => void)[] = [];

  /** Bakes for so long after the start. */
  open(): void {
    const bakingMs = Number(config.bakingMs ?? 0);
    if (bakingMs === 0) return;
    this.#isBaking = true;
    Timer.set(() => {
      this.#isBaking = false;
      for (const callback of this.#waiting.splice(0)) callback();
    }, bakingMs);
  }

  get isBaking(): boolean {
    return this.#isBaking;
  }

  /** Calls `callback` when nothing is in the oven: at once, or later. */
  whenCold(callback: () => void): void {
    if (this.#isBaking) this.#waiting.push(callback);
    else callback();
  }

  /** Degrees; `undefined` when the sensor does not answer (`config.sensor` is "broken"). */
  readTemperature(onDone: (degrees: number | undefined) => void): void {
    Timer.set(() => onDone(config.sensor === "broken" ? undefined : 21), SENSOR_MS);
  }
}
