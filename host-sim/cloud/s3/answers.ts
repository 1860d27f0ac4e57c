import { type CloudResponse, textSource } from "../message/message.js";
import { XML_DECLARATION } from "./errors.js";

export const XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export function xmlAnswer(body: string, headers: Readonly<Record<string, string>> = {}): CloudResponse {
  return {
    status: 200,
    headers: { "content-type": "application/xml", ...headers },
    body: textSource(XML_DECLARATION + body),
  };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): CloudResponse {
  return { status, headers, body: textSource("") };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
