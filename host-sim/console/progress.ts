/** Shows how far something is: one line drawn over and over on a terminal, a plain line every ten percent elsewhere. */
export type Progress = {
  /** `done` of `total`, any unit. */
  update(done: number, total: number): void;
  /** Ends the line, so that other output may follow. */
  end(): void;
};

const BAR_WIDTH = 40;
const PLAIN_STEP_PERCENT = 10;

export type ProgressOutput = { readonly isTTY?: boolean; write(text: string): unknown };

export function createProgress(output: ProgressOutput, label: string): Progress {
  let shown = -1;
  let open = false;
  return {
    update(done, total) {
      const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
      if (percent === shown) return;
      if (output.isTTY === true) {
        const filled = Math.round((BAR_WIDTH * percent) / 100);
        output.write(
          `\r${label} [${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${percent}% ${done} of ${total} bytes`,
        );
        open = true;
      } else if (shown < 0 || Math.floor(percent / PLAIN_STEP_PERCENT) > Math.floor(shown / PLAIN_STEP_PERCENT)) {
        output.write(`${label} ${percent}% ${done} of ${total} bytes\n`);
      }
      shown = percent;
    },
    end() {
      if (open) output.write("\n");
      open = false;
      shown = -1;
    },
  };
}
