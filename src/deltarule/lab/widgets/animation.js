/* An animation: `paint(share)` is called in each frame, with 0 at its start and 1 at its end. With reduced motion it
   only has its end. */

export function makeAnimation(el, seconds, paint) {
  let frame = 0;
  const stop = () => { cancelAnimationFrame(frame); frame = 0; };
  function start() {
    stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return paint(1);
    let begin = null;
    paint(0);
    frame = requestAnimationFrame(function next(now) {
      begin ??= now;
      const share = Math.min(1, (now - begin) / (1000 * seconds));
      paint(share);
      frame = share < 1 && el.isConnected ? requestAnimationFrame(next) : 0;
    });
  }
  return { start, stop };
}
