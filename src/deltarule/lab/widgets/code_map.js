/* The plane of a code of two numbers: what the decoder writes at a point, and where the encoder puts an image. */

const SIDE = 28, PIXELS = SIDE * SIDE, EDGE = 3, TILES = 13, NEAREST = 20, APART = 0.4, NAMES = makeRange(0, 9).map(String);
const COLOURS = [0, 1, 2, 3, 4, 5, "#a0703c", "#8a8a8a", "#9a7be0", "#9aa520"];

const IMAGES = Object.fromEntries(NAMES.flatMap((name, i) => [[`a ${name}`, 2 * i], [`another ${name}`, 2 * i + 1]]));
const controls = [
  { name: "image", label: "the image", options: { ...IMAGES, "your drawing": null }, value: 14 },
  { label: "go to its code", press: () => ({ code: null }) },
  { name: "code", inPicture: true, value: null },
  { name: "ink", inPicture: true, value: Array(PIXELS).fill(0) },
];

/* Keep what a function made of the last object that it got. */
function keepLast(make) {
  let [last, made] = [null, null];
  return (data) => {
    if (data !== last) [last, made] = [data, make(data)];
    return made;
  };
}
const readNetwork = keepLast(readAutoencoder);
const readCodes = keepLast(({ codes, labels }) => {
  const numbers = readFloats(codes);
  return Array.from(readBytes(labels), (label, i) => ({ label, at: numbers.slice(2 * i, 2 * i + 2) }));
});

const findDistance = (a, b) => Math.hypot(...a.map((v, i) => v - b[i]));

/* The digit at the point, which is the image's code until it is dragged away; the image's code, and its reconstruction;
   and how far both digits are from the image. */
function compute({ image, code, ink }, { autoencoder, images }) {
  const network = readNetwork(autoencoder), bytes = readBytes(images);
  const given = Array.from(image === null ? ink : bytes.subarray(PIXELS * image, PIXELS * (image + 1)), (v) => v / 255);
  const { mean, deviation } = encodeImage(network, given), at = code ?? mean, digit = decodeCode(network, at), reconstruction = decodeCode(network, mean);
  const nearest = readCodes(autoencoder).map(({ label, at: place }) => [findDistance(place, at), label]).sort(([a], [b]) => a - b).slice(0, NEAREST);
  const neighbours = NAMES.map((_, label) => nearest.filter(([, one]) => one === label).length);
  const [atPoint, atCode] = [digit, reconstruction].map((one) => findDistance(one, given) / SIDE); // the root of the mean square
  return { at, digit, given, mean, deviation, reconstruction, neighbours, atPoint, atCode };
}

/* The digits of a grid of codes, z₁ to the right and z₂ upwards, as one image. */
function paintGrid(network) {
  const wide = TILES * SIDE, pixels = new Float64Array(wide * wide), place = (k) => EDGE * (2 * (k + 0.5) / TILES - 1);
  for (let row = 0; row < TILES; row++)
    for (let column = 0; column < TILES; column++)
      decodeCode(network, [place(column), -place(row)]).forEach((v, i) => { pixels[(row * SIDE + Math.floor(i / SIDE)) * wide + column * SIDE + i % SIDE] = v; });
  return pixels;
}

/* The first corner of a tile around a code on that image, and back. */
const toPixel = (z) => Math.min(Math.max(Math.round((z / EDGE + 1) / 2 * TILES * SIDE - SIDE / 2), 0), (TILES - 1) * SIDE);
const toCode = (pixel) => round(((pixel + SIDE / 2) / (TILES * SIDE) * 2 - 1) * EDGE);
const list = (numbers) => numbers.map((v) => v.toFixed(2).replace("-", "−")).join(", ");
const round = (v) => Number(Math.min(EDGE, Math.max(-EDGE, v)).toFixed(2));

function makePictures(el, change, { autoencoder }) {
  const codes = readCodes(autoencoder), median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const clouds = NAMES.map((name, label) => ({ points: codes.filter((one) => one.label === label).map(({ at }) => at), radius: 1.6, colour: COLOURS[label], name }));
  const names = clouds.map(({ points }, i) => ({ text: NAMES[i], at: [0, 1].map((k) => median(points.map((at) => at[k]))), anchor: "middle" }));
  names.forEach(({ at }, i) => names.slice(0, i).forEach(({ at: before }) => { if (findDistance(at, before) < APART) at[0] = before[0] + APART; }));
  const grid = paintGrid(readNetwork(autoencoder)), write = makeStatus(el);
  const row = append(el, "div", { class: "pixels-row code-digits" });
  const [image, again, point] = ["the image", "the image as the autoencoder writes it again", "the digit that the decoder writes at the point"]
    .map((label) => makePixels(row, { label, width: 160 }));
  makePad(append(row, "div", { class: "code-pad" }), SIDE, SIDE, (pixels) => change({ ink: Array.from(pixels), image: null }));
  const map = makePixels(el, { label: "the digits that the decoder writes at places of the plane", width: 340, caption: "what the decoder writes at the places of the plane: drag the frame",
    frame: { name: "the point, on the map of digits", move: (down, right) => change({ code: [toCode(right), toCode((TILES - 1) * SIDE - down)] }) } });
  const axes = { x: { from: -EDGE, to: EDGE, label: "z₁" }, y: { from: -EDGE, to: EDGE, label: "z₂" } };
  const plane = makeChart(append(el, "div", { class: "code-plane" }), { axes, label: "the plane of the code, with the codes of 1,000 test images", width: 430, height: 400 });
  return ({ at, digit, given, mean, deviation, reconstruction, neighbours, atPoint, atCode }) => {
    image({ values: given, columns: SIDE, top: 1, caption: "the image" });
    again({ values: reconstruction, columns: SIDE, top: 1, caption: `its reconstruction, off by ${atCode.toFixed(3)}` });
    point({ values: digit, columns: SIDE, top: 1, caption: `at the point, off by ${atPoint.toFixed(3)}` });
    map({ values: grid, columns: TILES * SIDE, top: 1, at: { row: toPixel(-at[1]), column: toPixel(at[0]), rows: SIDE, columns: SIDE } });
    const around = makeRange(0, 48).map((i) => [0, 1].map((k) => mean[k] + 2 * deviation[k] * (k ? Math.sin : Math.cos)(i * Math.PI / 24)));
    plane.show([...clouds, ...names,
      { line: around, colour: 6, width: 1.5, dash: "3 2" }, { text: "◎", at: mean, anchor: "middle" },
      { handle: "the point", at, colour: 1, move: (a, b) => change({ code: [round(a), round(b)] }) }]);
    const kinds = neighbours.map((count, i) => [count, NAMES[i]]).filter(([count]) => count).sort(([a], [b]) => b - a).map(([count, name]) => `${count} of ${name}`);
    write(`The nearest ${NEAREST} test images at the point (${list(at)}) are ${kinds.join(", ")}. The image's code has μ = (${list(mean)}), σ = (${list(deviation)}).`);
  };
}

const questions = [
  { ask: "Find a place where two digits meet: of the nearest 20 test images at least 8 are of one kind, and at least 8 of another.",
    holds: ({ neighbours }) => neighbours.filter((count) => count >= 8).length === 2 },
  { ask: "Find a digit that is closer to the image than its reconstruction.",
    holds: ({ atPoint, atCode }) => atPoint < atCode },
  { ask: "Draw something that is no digit, so that its reconstruction is off by more than 0.4.",
    holds: ({ atCode }, { image }) => image === null && atCode > 0.4 },
];

export default makeLesson({ controls, compute, makePictures, questions });
