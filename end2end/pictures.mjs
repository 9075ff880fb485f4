// Pictures to send. The PNGs are made here, so that the tests need no files.
import { deflateSync, crc32 } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const RGB = 2;
const RGBA = 6;

function chunk(name, data) {
  const named = Buffer.concat([Buffer.from(name), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}

/** Makes a PNG. `fill(row)` fills a row of bytes, and `depth` is 8 or 16 bits a channel. */
function png(width, height, { hasAlpha = false, depth = 8, fill }) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, hasAlpha ? RGBA : RGB], 8);
  const stride = 1 + (width * (hasAlpha ? 4 : 3) * depth) / 8;
  const rows = Buffer.alloc(stride * height);
  // The first byte of a row says that the row is stored without a filter.
  for (let row = 0; row < height; row++) fill(rows.subarray(row * stride + 1, (row + 1) * stride), row);
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** A picture that cannot be compressed: about three bytes a pixel. */
export const noise = (width, height) => png(width, height, { fill: (row) => row.forEach((_, at) => (row[at] = Math.random() * 256)) });

/** A picture of stripes, which is a small file however many pixels it has. */
export const stripes = (width, height, more = {}) => png(width, height, { ...more, fill: (row, at) => row.fill(at % 251) });

const twoBytes = (number) => [number >> 8, number & 255];

/** A progressive, grey JPEG of three colours. The file is small, and all its coefficients are in memory
 *  while it is opened. */
export function progressive(width, height) {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0, 67, 0]),
    Buffer.alloc(64, 1),
    Buffer.from([0xff, 0xc2, 0, 17, 8, ...twoBytes(height), ...twoBytes(width), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    // A single code of one bit, which means nothing, for the mean of a block.
    Buffer.from([0xff, 0xc4, 0, 20, 0, 1]),
    Buffer.alloc(16),
    Buffer.from([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0]),
    Buffer.alloc(Math.ceil((blocks * 3) / 8)),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Sends a picture as a browser's form does, and resolves with the answer. */
export function sendPicture(url, address, cookie, picture) {
  const form = new FormData();
  form.append("picture", new Blob([picture], { type: "image/png" }), "picture.png");
  return fetch(url + address, { method: "POST", body: form, headers: { cookie, accept: "text/html" }, redirect: "manual" });
}

/** Begins a draft, and resolves with the address to which its picture is sent. */
export async function beginDraft(url, cookie) {
  const answer = await fetch(`${url}/api/selling/drafts`, { method: "POST", headers: { cookie }, redirect: "manual" });
  const draft = answer.headers.get("location")?.match(/^\/sell\/([\w-]+)$/)?.[1];
  if (!draft) throw new Error(`no draft was begun: ${answer.status} ${await answer.text()}`);
  return `/api/selling/drafts/${draft}/picture`;
}
