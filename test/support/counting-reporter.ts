import Mocha from "mocha";

const { EVENT_RUN_END } = Mocha.Runner.constants;

/**
 * Mocha's `spec` report, the names of what was skipped, and a last line that tools can read: `N passed, N failed, N
 * skipped`.
 */
export class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: string[] = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      for (const title of skipped) process.stdout.write(`skipped: ${title}\n`);
      process.stdout.write(`${passes} passed, ${failures} failed, ${skipped.length} skipped\n`);
    });
  }
}
