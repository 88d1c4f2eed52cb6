/* The kernels of a convolutional layer, and the patches of images that excite each of its maps most. */

/* Unpack the layers: values of kernels and patches, a list for each map. */
function compute(_, { layers }) {
  return { layers: layers.map(({ kernels, patches, ...layer }) => ({ ...layer, kernels: cut(readFloats(kernels), layer.rows * layer.columns),
    patches: cut(Array.from(readBytes(patches)), layer.side ** 2) })) };
}

const cut = (values, size) => makeRange(0, values.length / size - 1).map((i) => values.slice(i * size, (i + 1) * size));

function makePictures(el, _, { layers }) {
  const shows = layers.map(({ maps, side, shown }, i) => {
    append(el, "h2", { class: "wide" }).textContent = `Convolutional layer ${i + 1}: ${maps} maps${shown < maps ? `, the first ${shown}` : ""}. A neuron sees ${side} × ${side} pixels.`;
    return makeGallery(append(el, "div", { class: "maps wide" }), `kernels of layer ${i + 1}, each beside the patches that excite its map most`);
  });
  return (state) => state.layers.forEach(({ side, columns, kernels, patches }, i) => {
    const each = patches.length / kernels.length;
    shows[i](kernels.flatMap((kernel, m) => [
      { values: kernel, columns, top: Math.max(...kernel.map(Math.abs)), signed: true, width: 48, label: `kernel of map ${m + 1}` },
      { ...joinImages(patches.slice(m * each, (m + 1) * each), side, side), top: 255, width: 36 * each, label: `patches that excite map ${m + 1} most` },
    ]));
  });
}

export default makeLesson({ controls: [], compute, makePictures });
