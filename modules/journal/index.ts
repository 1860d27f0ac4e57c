/**
 * The last events of a device in a bounded text, over restarts.
 * @module
 */
export { Journal, type JournalOptions } from "./journal.js";
export { JOURNAL_KINDS, type JournalEvent, type JournalKind } from "./journal-event.js";
export { MAX_JOURNAL_EVENTS, MAX_JOURNAL_LENGTH, readJournal } from "./journal-ring.js";
