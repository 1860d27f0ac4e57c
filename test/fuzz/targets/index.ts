import { cronExpressions } from "../../cloud/support/fuzz/cron.js";
import { policyDocuments, policyPatterns } from "../../cloud/support/fuzz/policies.js";
import { indexQueries } from "../../cloud/support/fuzz/queries.js";
import { shadowUpdates } from "../../cloud/support/fuzz/shadows.js";
import { awsChunked, sigv4 } from "../../cloud/support/fuzz/sigv4.js";
import { brokerFilters, httpRequests, httpTargets, mqttFraming } from "../../cloud/support/fuzz/wire.js";
import { operatorImages, operatorNotes, operatorShadows, operatorTables } from "../../operator/support/fuzz.js";
import type { FuzzTarget } from "../../support/fuzz/fuzz-target.js";
import { boot, otadata, partitionCsv, partitionTable } from "./flash-tables.js";
import { contentRange, errorBody, httpReader, httpResponse } from "./http-response.js";
import { image } from "./image.js";
import { jobDocument } from "./job-document.js";
import { jobsPayload, jobsTopic } from "./jobs-messages.js";
import { journal } from "./journal.js";
import { mqttFragments, mqttStream, topicFilter } from "./mqtt.js";
import { patches } from "./patches.js";
import { storedRecord } from "./record.js";
import { httpShell, mqttShell } from "./shells.js";
import { derSignatures, publicKeys } from "./signatures.js";
import { base64, hex, statusText, utf8 } from "./texts.js";
import { certificateList, certificates, handshakeOrder, keyExchange, recordHeader, serverHello } from "./tls.js";
import { downloadUrls, presignedUrls } from "./urls.js";
import { versions } from "./versions.js";

/** Every parser that meets bytes from outside. A new one needs a target and its name here. */
export const TARGETS: readonly FuzzTarget[] = [
  // The job.
  jobDocument,
  jobsPayload,
  jobsTopic,
  versions,
  base64,
  hex,
  utf8,
  derSignatures,
  publicKeys,
  statusText,
  // The wire.
  mqttFragments,
  mqttStream,
  topicFilter,
  httpReader,
  httpResponse,
  contentRange,
  errorBody,
  downloadUrls,
  presignedUrls,
  certificates,
  certificateList,
  serverHello,
  keyExchange,
  handshakeOrder,
  recordHeader,
  // The flash.
  image,
  patches,
  otadata,
  partitionTable,
  partitionCsv,
  boot,
  storedRecord,
  journal,
  // Whole shells.
  mqttShell,
  httpShell,
  // The local AWS.
  sigv4,
  awsChunked,
  policyDocuments,
  policyPatterns,
  shadowUpdates,
  indexQueries,
  cronExpressions,
  mqttFraming,
  brokerFilters,
  httpRequests,
  httpTargets,
  // The operator's tool.
  operatorImages,
  operatorTables,
  operatorShadows,
  operatorNotes,
];
