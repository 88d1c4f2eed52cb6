// The sums that all products of matrices are made of.
#pragma once
#include <type_traits>

#include "vector.hpp"

namespace deltarule::DELTARULE_LEVEL {

// Weights lie in panels of V vectors, [panel][k][V lanes]; a panel is read once for all rows of a block.
#if defined(__AVX512F__)
constexpr int registers = 24;
#else
constexpr int registers = 12;
#endif

// z[row] = b + Σ_k x[row][tap[k]] · w[k], for P rows and the V vectors of a panel
template <class R, int V, int P>
void multiply_block(const R* const* x, const std::int32_t* tap, Index k_end, const R* w, const R* b, R* const* z) {
  constexpr int L = lanes<R>;
  Vector<R> sum[P][V];
  const R* row[P];
  UNROLL for (int p = 0; p < P; p++) {
    row[p] = x[p];
    UNROLL for (int v = 0; v < V; v++) sum[p][v] = b ? load(b + v * L) : Vector<R>{};
  }
  for (Index k = 0; k < k_end; k++, w += V * L) {
    const Index at = tap[k];
    Vector<R> weight[V];
    UNROLL for (int v = 0; v < V; v++) weight[v] = load(w + v * L);
    UNROLL for (int p = 0; p < P; p++) {
      const Vector<R> one = spread(row[p][at]);
      UNROLL for (int v = 0; v < V; v++) sum[p][v] = sum[p][v] + one * weight[v];
    }
  }
  UNROLL for (int p = 0; p < P; p++) UNROLL for (int v = 0; v < V; v++) store(z[p] + v * L, sum[p][v]);
}

template <class R>
using MultiplyBlock = void (*)(const R* const*, const std::int32_t*, Index, const R*, const R*, R* const*);
template <class R, int V, int P = registers / V> MultiplyBlock<R> multiply_block_of(int rows) {
  if constexpr (P > 1)
    if (rows < P) return multiply_block_of<R, V, P - 1>(rows);
  return multiply_block<R, V, P>;
}
template <class R> MultiplyBlock<R> multiply_block_of(int vectors, int rows) {
  switch (vectors) {
    case 1: return multiply_block_of<R, 1>(rows);
    case 2: return multiply_block_of<R, 2>(rows);
    case 3: return multiply_block_of<R, 3>(rows);
    case 4: return multiply_block_of<R, 4>(rows);
    default: return multiply_block_of<R, 5>(rows);
  }
}

// The number of vectors of a panel: the largest up to 5 that divides the number of vectors of a row.
INLINE int panel_vectors(Index vectors) {
  int v = 5;
  while (vectors % v) v--;
  return v;
}

// z_row = b + x_row · w for all rows and panels; x_row(i) and z_row(i) give their addresses
template <class R, class X, class Z>
void multiply(Index rows, const std::int32_t* tap, Index k_end, const R* w, Index panel_step, const R* b, int vectors,
              Index panels, X x_row, Z z_row) {
  if (!rows) return;
  const Index blocks = (rows + registers / vectors - 1) / (registers / vectors);
  for (Index panel = 0; panel < panels; panel++) {
    const Index column = panel * vectors * lanes<R>;
    for (Index i = 0; i < blocks; i++) {
      const Index first = rows * i / blocks, count = rows * (i + 1) / blocks - first;
      const R* x[registers];
      R* z[registers];
      for (Index p = 0; p < count; p++) x[p] = x_row(first + p), z[p] = z_row(first + p) + column;
      multiply_block_of<R>(vectors, int(count))(x, tap, k_end, w + panel * panel_step, b ? b + column : nullptr, z);
    }
  }
}

// out[n][s] += Σ_e value[e] · base[offset[e] + n · step + s], for N rows of S vectors
template <class R, int S, int N>
void add_rows(R* out, Index out_step, const R* base, Index step, const R* value, const std::int32_t* offset,
              Index count) {
  constexpr int L = lanes<R>;
  Vector<R> sum[N][S];
  UNROLL for (int n = 0; n < N; n++) UNROLL for (int s = 0; s < S; s++) sum[n][s] = load(out + n * out_step + s * L);
  for (Index e = 0; e < count; e++) {
    const Vector<R> v = spread(value[e]);
    const R* from = base + offset[e];
    UNROLL for (int n = 0; n < N; n++)
      UNROLL for (int s = 0; s < S; s++) sum[n][s] = sum[n][s] + v * load(from + n * step + s * L);
  }
  UNROLL for (int n = 0; n < N; n++) UNROLL for (int s = 0; s < S; s++) store(out + n * out_step + s * L, sum[n][s]);
}

template <class R> using AddRows = void (*)(R*, Index, const R*, Index, const R*, const std::int32_t*, Index);
constexpr int most_sums = 15;
template <class R, int S, int N> AddRows<R> add_rows_of(int rows) {
  if constexpr (N > 1)
    if (rows < N) return add_rows_of<R, S, N - 1>(rows);
  return add_rows<R, S, N>;
}
template <class R, int S = most_sums> AddRows<R> add_rows_of(int vectors, int rows) {
  if constexpr (S > 1)
    if (vectors < S) return add_rows_of<R, S - 1>(vectors, rows);
  return add_rows_of<R, S, (S > 1 ? most_sums / S : 8)>(rows);
}

// A division of rows of so many vectors into blocks whose sums fit the registers.
template <class R> struct SumPlan {
  Index vectors, rows, all_vectors, all_rows;
  AddRows<R> add, rest;
  SumPlan() = default;
  SumPlan(Index all_vectors, Index all_rows) : vectors(most_sums), all_vectors(all_vectors), all_rows(all_rows) {
    while (all_vectors % vectors) vectors--;
    const Index most = vectors > 1 ? most_sums / vectors : 8;
    rows = all_rows < most ? all_rows : most;
    add = add_rows_of<R>(int(vectors), int(rows));
    rest = all_rows % rows ? add_rows_of<R>(int(vectors), int(all_rows % rows)) : nullptr;
  }
  // out[n][s] += Σ_e value[e] · base[offset[e] + n · step + s] for all n and s
  INLINE void operator()(R* out, Index out_step, const R* base, Index step, const R* value, const std::int32_t* offset,
                         Index count) const {
    if (!count) return;
    for (Index n = 0; n < all_rows; n += rows)
      for (Index s = 0; s < all_vectors; s += vectors)
        (n + rows <= all_rows ? add : rest)(out + n * out_step + s * lanes<R>, out_step, base + n * step + s * lanes<R>,
                                            step, value, offset, count);
  }
};

// out[m][s] += Σ_p d[p][m] · base[offset[p] + s], for M neighbours of d and S vectors: where few d are 0
template <class R, int S, int M>
void add_products(R* out, Index out_step, const R* base, const std::int32_t* offset, const R* d, Index d_step,
                  Index count) {
  constexpr int L = lanes<R>;
  Vector<R> sum[M][S];
  UNROLL for (int m = 0; m < M; m++) UNROLL for (int s = 0; s < S; s++) sum[m][s] = load(out + m * out_step + s * L);
  for (Index p = 0; p < count; p++, d += d_step) {
    Vector<R> x[S];
    UNROLL for (int s = 0; s < S; s++) x[s] = load(base + offset[p] + s * L);
    UNROLL for (int m = 0; m < M; m++) {
      const Vector<R> error = spread(d[m]);
      UNROLL for (int s = 0; s < S; s++) sum[m][s] = sum[m][s] + error * x[s];
    }
  }
  UNROLL for (int m = 0; m < M; m++) UNROLL for (int s = 0; s < S; s++) store(out + m * out_step + s * L, sum[m][s]);
}
template <class R, int S, int M = registers / S>
void add_all_products(R* out, Index out_step, Index vectors, Index outputs, const R* base, const std::int32_t* offset,
                      const R* d, Index d_step, Index count) {
  for (Index s = 0; s < vectors * lanes<R>; s += S * lanes<R>) {
    Index m = 0;
    for (; m + M <= outputs; m += M)
      add_products<R, S, M>(out + m * out_step + s, out_step, base + s, offset, d + m, d_step, count);
    if constexpr (M > 8)
      for (; m + 8 <= outputs; m += 8)
        add_products<R, S, 8>(out + m * out_step + s, out_step, base + s, offset, d + m, d_step, count);
    for (; m < outputs; m++)
      add_products<R, S, 1>(out + m * out_step + s, out_step, base + s, offset, d + m, d_step, count);
  }
}
template <class R>
using AddProducts = void (*)(R*, Index, Index, Index, const R*, const std::int32_t*, const R*, Index, Index);
// For rows of so many vectors.
template <class R, int S = 6> AddProducts<R> add_products_of(Index vectors) {
  if constexpr (S > 1)
    if (vectors % S) return add_products_of<R, S - 1>(vectors);
  return add_all_products<R, S>;
}

}  // namespace
