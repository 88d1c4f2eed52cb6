// Dense: z = a wᵀ + b; ∂C/∂a = δ w (BP2), ∂C/∂b = Σ δ (BP3), ∂C/∂w = Σ δ aᵀ (BP4), which is used and never stored.
#pragma once
#include "layer.hpp"

namespace deltarule::DELTARULE_LEVEL {

// The numbers of an example that are not 0, and where their weights begin in a panel.
template <class R> struct Sparse {
  R* value;
  std::int32_t* offset;
  Index count;
};

template <class R> struct Dense : Layer<R> {
  static constexpr int L = lanes<R>, W = line<R>;
  Index n_in, panels, height;  // height: rows of a panel, n_in and some more
  Parameter<R>*w, *b;
  std::int32_t* tap;            // 0, 1, 2, …
  Sparse<R>* sparse = nullptr;  // of each example of the mini-batch; null: a is dense
  bool dense_update = true;     // all of a is there, and the update uses it
  R mean = 0;                   // a = x − mean, where `sparse` holds x
  R** columns = nullptr;        // of each part: b − mean Σ_k w[k]

  struct ByInput {  // of each part: for each k, the x[k] of some examples, and where their errors begin
    R* value;
    std::int32_t *offset, *last;
  }* by_input = nullptr;
  R** gradient = nullptr;  // of each part: Σ δ x[k] for one k; null: gradient descent without a penalty

  Index panel_step() const { return height * W; }

  void forward(const Step<R>&, const Block& block) override {
    const R* bias = b->w;
    if (sparse && mean != 0) bias = columns[block.part];
    R* z = this->y.of(block);
    if (!sparse) {
      const R* a = this->x.of(block);
      return multiply<R>(
          block.count, tap, n_in, w->w, panel_step(), bias, 2, panels, [&](Index i) { return a + i * this->x.stride; },
          [&](Index i) { return z + i * this->y.stride; });
    }
    const SumPlan<R> plan(2, panels < 7 ? panels : 7);
    for (Index i = 0; i < block.count; i++) std::memcpy(z + i * this->y.stride, bias, panels * W * sizeof(R));
    for (Index p = 0; p < panels; p += plan.rows) {
      const Index some = panels - p < plan.rows ? panels - p : plan.rows;
      const AddRows<R> add = add_rows_of<R>(2, int(some));
      for (Index i = 0; i < block.count; i++) {
        const Sparse<R>& a = sparse[block.first + i];
        add(z + i * this->y.stride + p * W, W, w->w + p * panel_step(), panel_step(), a.value, a.offset, a.count);
      }
    }
  }

  void backward(const Step<R>&, const Block& block) override {
    if (!this->d_x.base) return;
    const R* d = this->d_y.of(block);
    R* d_a = this->d_x.of(block);
    const Index in = this->d_x.stride, out = this->d_y.stride, pairs = block.count / 2 * 2;
    for (Index k = 0; k < n_in; k += sums_at_a_time) {
      for (Index half = k; half < k + sums_at_a_time && half < n_in; half += sums_at_a_time / 2)
        for (Index i = 0; i < pairs; i += 2) pull_back<2>(d + i * out, half, d_a + i * in);
      if (pairs < block.count) pull_back<1>(d + pairs * out, k, d_a + pairs * in);
    }
  }
  // wᵀ δ of some rows of w and G examples. Each weight is read once for all of them, and the rows of all panels stay in
  // the first cache for the other examples.
  static constexpr int sums_at_a_time = 8;
  template <int G> INLINE void pull_back(const R* d, Index k, R* d_a) const {
    constexpr int K = sums_at_a_time / G;
    Vector<R> sum[sums_at_a_time] = {};
    for (Index p = 0; p < panels; p++) UNROLL for (int v = 0; v < W; v += L) {
        const R* row = w->w + p * panel_step() + k * W + v;
        Vector<R> error[G];
        UNROLL for (int g = 0; g < G; g++) error[g] = load(d + g * this->d_y.stride + p * W + v);
        UNROLL for (int r = 0; r < K; r++) {
          const Vector<R> weight = load(row + r * W);
          UNROLL for (int g = 0; g < G; g++) sum[g * K + r] = sum[g * K + r] + error[g] * weight;
        }
      }
    R all[sums_at_a_time];
    UNROLL for (int first = 0; first < sums_at_a_time; first += L) {
      Vector<R> some[L];
      UNROLL for (int l = 0; l < L; l++) some[l] = sum[first + l];
      store(all + first, sums<R>(some));
    }
    UNROLL for (int g = 0; g < G; g++) std::memcpy(d_a + g * this->d_x.stride + k, all + g * K, K * sizeof(R));
  }

  // Clipped gradients need rows: `dense_update` holds.
  double square(const Step<R>& step, int part, int parts) override {
    double total = 0;
    const auto add = [&](bool shrinks, const R* at, Vector<R> g) {
      g = add_penalty<R>(step.optimizer, shrinks, load(at), g);
      for (int l = 0; l < L; l++) total += double(g[l]) * double(g[l]);
    };
    each_block(part_begin(n_in, part, parts, 6), part_begin(n_in, part + 1, parts, 6), [&](Index p, Index k, auto rows) {
      constexpr int K = decltype(rows)::value;
      Vector<R> g[K][2];
      sum_block<K>(step, p, k, g);
      UNROLL for (int r = 0; r < K; r++) UNROLL for (int v = 0; v < 2; v++)
        add(w->shrinks, w->w + p * panel_step() + (k + r) * W + v * L, g[r][v]);
    });
    const Index end = part_begin(panels * W, part + 1, parts, L);
    for (Index j = part_begin(panels * W, part, parts, L); j < end; j += L) add(false, b->w + j, sum_errors(step, j));
    return total;
  }

  void update(const Step<R>& step, int part, int parts) override {
    const Index first = part_begin(n_in, part, parts), last = part_begin(n_in, part + 1, parts);
    if (dense_update || gradient)
      with_update<R>(step.optimizer, w->shrinks, w->w, w->state, [&](auto update) {
        if (dense_update)
          update_rows(update, step, part_begin(n_in, part, parts, 6), part_begin(n_in, part + 1, parts, 6));
        else
          update_by_input(update, step, part, first, last);
      });
    else if (by_input)
      add_by_input(step, part, first, last);
    else
      add_sparse(step, first, last);
    with_update<R>(step.optimizer, false, b->w, b->state, [&](auto update) {
      const Index end = part_begin(panels * W, part + 1, parts, L);
      for (Index j = part_begin(panels * W, part, parts, L); j < end; j += L) update(j, sum_errors(step, j));
    });
  }
  Vector<R> sum_errors(const Step<R>& step, Index j) const {
    Vector<R> g = {};
    for (Index i = 0; i < step.batch; i++) g = g + load(this->d_y.base + i * this->d_y.stride + j);
    return g;
  }

  template <class U> void update_rows(const U update, const Step<R>& step, Index begin, Index end) {
    each_block(begin, end, [&](Index p, Index k, auto rows) __attribute__((always_inline)) {
      constexpr int K = decltype(rows)::value;
      Vector<R> g[K][2];
      sum_block<K>(step, p, k, g);
      const Index at = p * panel_step() + k * W;
      UNROLL for (int r = 0; r < K; r++) UNROLL for (int v = 0; v < 2; v++)
        update(at + r * W + v * L, g[r][v]);
    });
  }
  // Call f with a panel, a row of w, and how many rows from it on: 6 or 1.
  template <class F> INLINE void each_block(Index begin, Index end, F f) const {
    constexpr Index group = 96;  // rows of w: their a, and one panel, stay in the cache
    for (Index first = begin; first < end; first += group) {
      const Index last = first + group < end ? first + group : end;
      for (Index p = 0; p < panels; p++)
        for (Index k = first; k < last; k += 6) {
          if (last - k >= 6) f(p, k, std::integral_constant<int, 6>());
          else
            for (Index one = k; one < last; one++) f(p, one, std::integral_constant<int, 1>());
        }
    }
  }
  // g = Σ δ aᵀ of the mini-batch, for K rows of w and a panel
  template <int K> INLINE void sum_block(const Step<R>& step, Index panel, Index k, Vector<R> (&g)[K][2]) const {
    UNROLL for (int r = 0; r < K; r++) g[r][0] = g[r][1] = Vector<R>{};
    const R *a = this->x.base + k, *d = this->d_y.base + panel * W;
    for (Index i = 0; i < step.batch; i++, a += this->x.stride, d += this->d_y.stride) {
      const Vector<R> d0 = load(d), d1 = load(d + L);
      UNROLL for (int r = 0; r < K; r++) {
        const Vector<R> one = spread(a[r]);
        g[r][0] = g[r][0] + one * d0, g[r][1] = g[r][1] + one * d1;
      }
    }
  }

  // w[k] ← w[k] − η x[k] δ for each x[k] ≠ 0 of each example: gradient descent without a penalty. A panel at a time: the
  // rows that the mini-batch changes stay in the cache.
  void add_sparse(const Step<R>& step, Index begin, Index end) {
    const R eta = -step.optimizer.eta;
    for (Index p = 0; p < panels; p++)
      for (Index i = 0; i < step.batch; i++) {
        const R* value = sparse[i].value;
        const std::int32_t *offset = sparse[i].offset, *last = offset + sparse[i].count;
        while (offset < last && *offset < begin * W) offset++, value++;
        while (last > offset && last[-1] >= end * W) last--;
        const R* d = this->d_y.base + i * this->d_y.stride + p * W;
        const Vector<R> error0 = eta * load(d), error1 = eta * load(d + L);
        for (R* to = w->w + p * panel_step(); offset < last; offset++, value++) {
          R* row = to + *offset;
          const Vector<R> one = spread(*value);
          store(row, load(row) + one * error0), store(row + L, load(row + L) + one * error1);
        }
      }
  }

  // The same with the examples listed by k, so that each row of w is read and written once: for many neurons.
  void add_by_input(const Step<R>& step, int part, Index begin, Index end) {
    const ByInput& by = list_by_input(step, part, begin, end, -step.optimizer.eta);
    visit_listed(by, begin, end, [&](Index p, Index k, Index first, Index n, AddRows<R> add, Index) {
      if (n)
        add(w->w + p * panel_step() + k * W, panel_step(), this->d_y.base + p * W, W, by.value + first,
            by.offset + first, n);
    });
  }

  // Any other rule: the same sums without the weights give the gradient of a row, which is used at once.
  template <class U> void update_by_input(const U update, const Step<R>& step, int part, Index begin, Index end) {
    const ByInput& by = list_by_input(step, part, begin, end, R(1));
    R* g = gradient[part];
    visit_listed(by, begin, end, [&](Index p, Index k, Index first, Index n, AddRows<R> add, Index some) {
      std::memset(g, 0, some * W * sizeof(R));
      if (n) add(g, W, this->d_y.base + p * W, W, by.value + first, by.offset + first, n);
      for (Index q = 0; q < some; q++) UNROLL for (int v = 0; v < W; v += L)
        update((p + q) * panel_step() + k * W + v, load(g + q * W + v));
    });
  }

  // List the x[k] of the examples by k, each times `factor`.
  const ByInput& list_by_input(const Step<R>& step, int part, Index begin, Index end, R factor) {
    const ByInput& by = by_input[part];
    std::memset(by.last, 0, (n_in + 1) * sizeof(std::int32_t));
    const auto visit = [&](auto f) {
      for (Index i = 0; i < step.batch; i++) {
        const Sparse<R>& a = sparse[i];
        for (Index e = 0; e < a.count; e++)
          if (const Index k = a.offset[e] / W; begin <= k && k < end) f(i, k, a.value[e]);
      }
    };
    visit([&](Index, Index k, R) { by.last[k + 1]++; });
    for (Index k = begin; k < end; k++) by.last[k + 1] += by.last[k];
    visit([&](Index i, Index k, R x) {
      const Index at = by.last[k]++;  // at last, where the examples of k end
      by.value[at] = factor * x, by.offset[at] = std::int32_t(i * this->d_y.stride);
    });
    return by;
  }
  // Call f for some panels from p at a time, and each k with its `n` places in the lists.
  template <class F> void visit_listed(const ByInput& by, Index begin, Index end, F f) {
    const SumPlan<R> plan(2, panels < 7 ? panels : 7);
    for (Index p = 0; p < panels; p += plan.rows) {
      const Index some = panels - p < plan.rows ? panels - p : plan.rows;
      const AddRows<R> add = add_rows_of<R>(2, int(some));
      for (Index k = begin, first = 0; k < end; first = by.last[k++]) f(p, k, first, by.last[k] - first, add, some);
    }
  }

  void begin(const Step<R>&, int part) override { begin_evaluation(part); }
  void begin_evaluation(int part) override {
    if (!sparse || mean == 0) return;
    for (Index p = 0; p < panels; p++)
      for (int v = 0; v < W; v += L) {
        Vector<R> total = {};
        for (Index k = 0; k < n_in; k++) total = total + load(w->w + p * panel_step() + k * W + v);
        store(columns[part] + p * W + v, load(b->w + p * W + v) - mean * total);
      }
  }
};

}  // namespace
