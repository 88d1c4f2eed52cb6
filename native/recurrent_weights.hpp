// The weights of recurrent layers in panels, and the products with them.
#pragma once
#include "layer.hpp"

namespace deltarule::DELTARULE_LEVEL {

// z[row] = b + Σ_k x[row][tap[k]] · w[tap[k]], for P rows and a panel of two vectors
template <class R, int P>
void multiply_chosen(const R* const* x, const std::int32_t* tap, Index count, const R* w, const R* b, R* const* z) {
  constexpr int L = lanes<R>, W = line<R>;
  Vector<R> sum[P][2];
  const R* row[P];
  UNROLL for (int p = 0; p < P; p++) row[p] = x[p], sum[p][0] = load(b), sum[p][1] = load(b + L);
  for (Index k = 0; k < count; k++) {
    const Index at = tap[k];
    const Vector<R> w0 = load(w + at * W), w1 = load(w + at * W + L);
    UNROLL for (int p = 0; p < P; p++) {
      const Vector<R> one = spread(row[p][at]);
      sum[p][0] = sum[p][0] + one * w0, sum[p][1] = sum[p][1] + one * w1;
    }
  }
  UNROLL for (int p = 0; p < P; p++) store(z[p], sum[p][0]), store(z[p] + L, sum[p][1]);
}
template <class R>
using MultiplyChosen = void (*)(const R* const*, const std::int32_t*, Index, const R*, const R*, R* const*);
template <class R, int P = registers / 2> MultiplyChosen<R> multiply_chosen_of(Index rows) {
  if constexpr (P > 1)
    if (rows < P) return multiply_chosen_of<R, P - 1>(rows);
  return multiply_chosen<R, P>;
}

// out[k] += Σ_r x[r][k] · from[r], for so many k in blocks of equal size, and rows of two vectors
template <class R, int M = registers / 2> AddProducts<R> add_columns_of(Index columns) {
  if constexpr (M > 1)
    if (columns < M) return add_columns_of<R, M - 1>(columns);
  return add_all_products<R, 2, M>;
}
template <class R>
void add_columns(R* out, Index columns, const R* from, const std::int32_t* offset, const R* x, Index x_step,
                 Index rows) {
  constexpr Index W = line<R>, most = registers / 2;
  const Index blocks = (columns + most - 1) / most;
  for (Index b = 0; b < blocks; b++) {
    const Index k = columns * b / blocks, count = columns * (b + 1) / blocks - k;
    add_columns_of<R>(count)(out + k * W, W, 2, count, from, offset, x + k, x_step, rows);
  }
}

// [w u] of a recurrent layer, in panels: those of all neurons of the first group, then of the next. A group gets x, h
// or both: a gate is a group, but GRU's last gate is two, of which one gets h, and the other x and the bias.
template <class R> struct Weights {
  static constexpr int L = lanes<R>, W = line<R>;
  Index features, neurons, n, width;  // n: neurons, rounded up to whole panels; width = features + n, of a row
  int groups;
  bool takes_x[4], takes_h[4];
  Parameter<R>*w, *u, *b, all;   // w and u lie in `all`
  R *back_h, *back_x = nullptr;  // uᵀ and wᵀ, in panels; wᵀ only if the layer before wants an error
  int vectors_x = 2;             // of a panel of wᵀ
  Index panels_x = 0;

  Index panels() const { return groups * n / W; }
  Index height(const bool* takes) const {  // of uᵀ or wᵀ
    Index rows = 0;
    for (int g = 0; g < groups; g++) rows += takes[g] * n;
    return rows;
  }
  // The places of a row of δ, in the order of the rows of uᵀ or wᵀ.
  Index list_places(const bool* takes, Index panel_step, std::int32_t* to) const {
    Index count = 0;
    for (Index m = 0; m < groups * n; m++)
      if (takes[m / n]) to[count++] = std::int32_t(m / W * panel_step + m % W);
    return count;
  }
  // Copy some panels into uᵀ and wᵀ.
  void turn(Index begin, Index end) const {
    for (Index p = begin; p < end; p++) {
      const Index group = p * W / n, within = p * W % n;
      const auto place = [&](const bool* takes) {
        Index rows = within;
        for (Index g = 0; g < group; g++) rows += takes[g] * n;
        return rows;
      };
      const R* from = all.w + p * width * W;
      if (takes_h[group]) turn_panel(from + features * W, n, back_h, height(takes_h), place(takes_h), 2, n / W);
      if (takes_x[group] && back_x)
        turn_panel(from, features, back_x, height(takes_x), place(takes_x), vectors_x, panels_x);
    }
  }

 private:
  // to[panel][row + b][a] = from[panel · width + a][b], for the first `rows` of `from`; the others are 0
  static void turn_panel(const R* from, Index rows, R* to, Index height, Index row, int vectors, Index panels) {
    for (Index k = 0; k < panels * vectors * L; k += L)
      for (Index b = 0; b < W; b += L) {
        Vector<R> tile[L];
        UNROLL for (int a = 0; a < L; a++) tile[a] = k + a < rows ? load(from + (k + a) * W + b) : Vector<R>{};
        transpose(tile);
        const Index step = vectors * L;
        UNROLL for (int a = 0; a < L; a++) store(to + (k / step * height + row + b + a) * step + k % step, tile[a]);
      }
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
