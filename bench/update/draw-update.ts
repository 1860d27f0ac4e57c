import { fileURLToPath } from "node:url";
import { compileFirmware, imageOf } from "../../host-sim/image/index.js";
import { trustingSimulatedKey } from "../../host-sim/signing/index.js";
import { boundOf } from "./bound.js";
import { measureUpdate } from "./measured-update.js";
import { PLAIN_LINK } from "./models.js";
import { idleSpans, pictureOf } from "./trace-picture.js";

const FIRMWARE = fileURLToPath(new URL("./firmware.ts", import.meta.url));
/** Of the whole picture, the part that shows single commands. */
const CLOSE_MS = 2000;

/**
 * One update of `size` bytes on the link of the update bench as SVG: the whole transfer, and below it its beginning.
 */
export async function drawUpdate(size: number): Promise<string> {
  const firmware = trustingSimulatedKey(await compileFirmware({ entry: FIRMWARE }));
  const from = imageOf(firmware, { version: "1.0.1" });
  const to = imageOf(firmware, { version: "1.0.2", size, seed: 2 });
  const { spans, downloadMs } = await measureUpdate({ engine: "node", from, to, model: PLAIN_LINK });
  const began = spans.find(({ activity }) => activity === "handshake")?.from ?? 0;
  const share = Math.round((100 * boundOf(size, PLAIN_LINK).ms) / downloadMs);
  const title = `${size} bytes, ${PLAIN_LINK.name}: ${Math.round(downloadMs)} ms, ideal / ours ${share} %`;
  const picture = (name: string, end: number) =>
    pictureOf({ title: name, spans: [...spans, ...idleSpans(spans, began, end)], from: began, to: end });
  return stacked([picture(title, began + downloadMs), picture("its beginning", began + CLOSE_MS)]);
}

/** Pictures below each other in one file. */
function stacked(pictures: readonly string[]): string {
  const height = 360;
  const inner = pictures.map((svg, index) => svg.replace("<svg ", `<svg y="${index * height}" `));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="1440" height="${height * pictures.length}">`,
    ...inner,
    "</svg>",
    "",
  ].join("\n");
}
