import type { CloudContext } from "../context/context.js";
import type { CloudRequest, CloudResponse } from "../message/message.js";
import type { CredentialBook } from "../sigv4/credentials.js";
import type { ContentStore } from "./contents.js";
import type { S3Records } from "./records.js";

/** Open points of the facts, and what a test may want otherwise. */
export interface S3Switches {
  /** `If-Range` is not in the API model of S3. Default true: honoured as HTTP says; false: ignored. */
  readonly honourIfRange: boolean;
  /** Content-Range `bytes *\/N` in a 416; reports differ. Default false. */
  readonly contentRangeOn416: boolean;
  /** Requests after which a connection is closed. Default 100. */
  readonly requestsPerConnection: number;
  /** An idle connection is closed after this. Default 20000 ms. */
  readonly idleTimeoutMs: number;
}

export const S3_DEFAULTS: S3Switches = Object.freeze({
  honourIfRange: true,
  contentRangeOn416: false,
  requestsPerConnection: 100,
  idleTimeoutMs: 20_000,
});

export interface S3Service {
  readonly context: CloudContext;
  readonly records: S3Records;
  readonly contents: ContentStore;
  readonly credentials: CredentialBook;
  readonly switches: S3Switches;
}

/** A verified request with what its address and headers say. */
export interface S3Call {
  readonly request: CloudRequest;
  readonly query: ReadonlyMap<string, string>;
  readonly bucket: string;
  readonly key: string;
  /** Decoded from `aws-chunked` where needed. */
  readonly body: Uint8Array;
  /** Request headers and the body's trailers. */
  readonly headers: Readonly<Record<string, string>>;
}

export type S3Operation = (s3: S3Service, call: S3Call) => CloudResponse;
