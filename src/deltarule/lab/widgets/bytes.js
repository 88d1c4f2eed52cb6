/* Arrays that a figure gets as bytes. */

export const readBytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
export const readFloats = (view) => Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
