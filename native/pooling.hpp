// Pooling over any windows: a = max x, whose error the first of equals gets; or a = √(Σ x²), ∂a/∂x = x/a.
#pragma once
#include "convolution.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> struct Pool : Layer<R> {
  static constexpr int L = lanes<R>;
  enum Kind { largest, norm } kind = largest;
  Window window;

  // Call f(place in the result, place in the image) for each vector of each window.
  template <class Start, class Each, class End> INLINE void visit(Start start, Each each, End end) const {
    const Shape &in = this->in, &out = this->out;
    for (Index r = 0; r < out.h; r++)
      for (Index c = 0; c < out.w; c++)
        for (Index m = 0; m < out.cp; m += L) {
          const Index to = (r * out.w + c) * out.cp + m;
          start(to);
          for (Index i = 0; i < window.h; i++)
            for (Index j = 0; j < window.w; j++) each(((r * window.sh + i) * in.w + c * window.sw + j) * in.cp + m);
          end(to);
        }
  }

  void forward(const Step<R>&, const Block& block) override {
    for (Index n = 0; n < block.count; n++) {
      const R* x = this->x.of(block) + n * this->x.stride;
      R* y = this->y.of(block) + n * this->y.stride;
      Vector<R> best = {};
      bool any = false;
      if (kind == norm)
        visit([&](Index) {
          best = Vector<R>{}; }, [&](Index at) {
          best = best + load(x + at) * load(x + at); },
              [&](Index to) {
          Vector<R> root;
    UNROLL for (int l = 0; l < L; l++) root[l] = std::sqrt(best[l]);
                store(y + to, root);
              });
      else
        visit([&](Index) { any = false; },
              [&](Index at) {
                const Vector<R> v = load(x + at);
                best = !any ? v : ((v > best) | ((v != v) & (best == best))) ? v : best;
                any = true;
              },
              [&](Index to) { store(y + to, best); });
    }
  }

  void backward(const Step<R>&, const Block& block) override {
    if (!this->d_x.base) return;
    for (Index n = 0; n < block.count; n++) {
      const R *x = this->x.of(block) + n * this->x.stride, *y = this->y.of(block) + n * this->y.stride;
      const R* d = this->d_y.of(block) + n * this->d_y.stride;
      R* d_x = this->d_x.of(block) + n * this->d_x.stride;
      std::memset(d_x, 0, this->in.size() * sizeof(R));
      Vector<R> a, error;
      const Vector<R> zero = {}, one = spread(R(1));
      visit([&](Index to) { a = load(y + to), error = kind == norm ? load(d + to) / (a > 0 ? a : one) : load(d + to); },
            [&](Index at) {
              const Vector<R> v = load(x + at), old = load(d_x + at);
              if (kind == norm) return store(d_x + at, old + v * error);
              const auto wins = (v == a) | ((v != v) & (a != a));
              store(d_x + at, wins ? old + error : old);
              error = wins ? zero : error;  // the next of equals gets nothing
            },
            [](Index) {});
    }
  }
};

}  // namespace
