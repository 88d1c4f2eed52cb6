/* An animation: `paint(share)` is called with 0 at its start, then up to 1 at its end. It begins after a moment, so that
   it waits while a control moves, and leaves time between its frames. With reduced motion it only has its end. */

const WAIT = 250, PAUSE = 40; // milliseconds before the first frame, and between two of them

export function makeAnimation(el, seconds, paint) {
  let frame = 0;
  const stop = () => { cancelAnimationFrame(frame); frame = 0; };
  function start() {
    stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return paint(1);
    let begin = null, last = 0;
    paint(0);
    frame = requestAnimationFrame(function next(now) {
      begin ??= now + WAIT;
      const share = Math.min(1, (now - begin) / (1000 * seconds));
      if (share === 1 || share > 0 && now - last >= PAUSE) {
        last = now;
        paint(share);
      }
      frame = share < 1 && el.isConnected ? requestAnimationFrame(next) : 0;
    });
  }
  return { start, stop };
}
