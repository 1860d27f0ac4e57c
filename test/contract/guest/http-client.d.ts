/** The firmware has an HTTP client of its own; the contract is also about the SDK's, which applications may use. */
declare module "embedded:network/http/client" {
  export default class HTTPClient {
    constructor(options: object);
    close(): void;
  }
}
