/* A gallery of small images: a canvas with a caption for each.

     makeGallery(el, label) returns show([{values, columns, top, signed, width, label, caption}, …]) */

export function makeGallery(el, label) {
  const gallery = append(el, "div", { class: "gallery", role: "group", "aria-label": label });
  let shown = [];
  function show(images) {
    shown = images;
    gallery.replaceChildren(...images.map((image) => {
      const figure = document.createElement("figure"), { columns, values } = image;
      const canvas = append(figure, "canvas", { role: "img", "aria-label": image.label, style: `width: ${image.width}px` });
      Object.assign(canvas, { width: columns, height: values.length / columns });
      if (image.caption) append(figure, "figcaption", { style: `max-width: ${image.width}px` }).textContent = image.caption;
      return figure;
    }));
    paint();
  }
  const paint = () => [...gallery.querySelectorAll("canvas")].forEach((canvas, i) => paintPixels(canvas, { signed: false, ...shown[i] }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  return show;
}

/* Put images, lists of values in rows of the same size, side by side with an empty column between them. */
export function joinImages(images, rows, columns) {
  const width = images.length * (columns + 1) - 1, values = new Float64Array(rows * width);
  images.forEach((image, k) => image.forEach((v, i) => { values[Math.floor(i / columns) * width + k * (columns + 1) + i % columns] = v; }));
  return { values, columns: width };
}
