/** What Jobs ask the Software Package Catalog. Package versions are named by their ARNs. */
export interface JobPackages {
  /** @throws AwsError `InvalidRequest`, `ResourceNotFound` for what no job can install */
  check(destinations: readonly string[]): void;
  /**
   * A job document with its placeholders for packages replaced.
   *
   * @throws AwsError `InvalidRequest`, `ResourceNotFound`
   */
  substitute(document: string, destinations: readonly string[]): string;
  /** A job that installs these succeeded on a thing. Inside a transaction. */
  installed(thingName: string, destinations: readonly string[]): void;
}
