/** HTTP/1.1 over the SDK's sockets, as far as a download needs it. @module */
export { contentLength, isChunked, listOf, wholeNumber } from "./fields.js";
export {
  HttpConnection,
  type HttpConnectionOptions,
  type HttpFailure,
  type ResponseHandlers,
} from "./http-connection.js";
export { HttpGrammarError, type ReaderState, ResponseReader } from "./response-reader.js";
