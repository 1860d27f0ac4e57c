/**
 * Specifiers of the measuring application's manifest that the SDK's declarations in `modules/device-ports` do not have.
 */

declare module "instrumentation" {
  const Instrumentation: {
    /** `undefined` where the build has no such instrument. */
    map(name: string): number | undefined;
    get(index: number | undefined): number | undefined;
  };
  export default Instrumentation;
}

declare module "debug" {
  const Debug: { gc(): void };
  export default Debug;
}
