// A restricted Boltzmann machine: contrastive divergence instead of backpropagation (deltarule.core.boltzmann).
//
// Its up-projection is a dense layer, h = σ(w v + c). The gradient ⟨h vᵀ⟩_model − ⟨h vᵀ⟩_data is that dense layer's Σ δ aᵀ
// over twice as many rows: those of the examples, with the errors −h/m, and those of the model, with h/m.
#pragma once
#include "costs.hpp"
#include "dense.hpp"
#include "input.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> struct Boltzmann : Layer<R> {
  static constexpr int L = lanes<R>;
  const Job* job;
  Index inputs, labels, hidden, k, examples, chains;  // examples: of a mini-batch
  Dense<R> up, down;                                  // w v + c, which also updates w and c; and wᵀ h
  Parameter<R>*b, *chain = nullptr;
  Rows<R> v, h, error, state;  // of the examples and then of the model; state: of the model alone
  R *share, *scratch;          // of each row in the gradient; of each part, for the probabilities of the labels

  Index visible() const { return inputs + labels; }
  Index models() const { return chains ? chains : examples; }
  Index padded_labels() const { return round_up(labels, L); }
  R weight(const Step<R>& step, Index i) const {
    return job->weights ? static_cast<const R*>(job->weights)[step.order[i]] : R(1);
  }

  // Persistent chains go on from where the last step left them.
  void begin(const Step<R>& step, int part) override {
    const int parts = int(job->parts);
    const Index first = part_begin(chains, part, parts), end = part_begin(chains, part + 1, parts);
    if (first == end) return;
    R mean = 0;  // C is a mean over all examples, so the model counts with their mean weight
    for (Index i = 0; i < examples; i++) mean += weight(step, i) / R(examples);
    const Block rows{part, examples + first, end - first};
    std::memcpy(v.of(rows), chain->w + first * v.stride, rows.count * v.stride * sizeof(R));
    raise(step, rows);
    for (Index i = 0; i < rows.count; i++) share[rows.first + i] = mean / R(chains);
    sample(step, rows);
  }

  void forward(const Step<R>& step, const Block& block) override {
    const R* const y = static_cast<const R*>(job->y);
    for (Index i = block.first; i < block.first + block.count; i++) {
      if (labels) std::memcpy(v.base + i * v.stride + inputs, y + step.order[i] * labels, labels * sizeof(R));
      share[i] = -weight(step, i) / R(examples);
    }
    raise(step, block);
    set_errors(block);
    if (chains) return;
    const Block rows{block.part, examples + block.first, block.count};
    std::memcpy(h.of(rows), h.of(block), block.count * h.stride * sizeof(R));
    for (Index i = 0; i < rows.count; i++) share[rows.first + i] = -share[block.first + i];
    sample(step, rows);
  }

  // h = σ(w v + c), the probabilities of the hidden units
  void raise(const Step<R>& step, const Block& rows) {
    if (up.sparse)
      for (Index i = rows.first; i < rows.first + rows.count; i++) list(v.base + i * v.stride, up.sparse[i]);
    up.forward(step, rows);
    for (Index i = 0; i < rows.count; i++) {
      R* const to = h.of(rows) + i * h.stride;
      activate_all<R>({Activation::sigmoid, 0, 0}, to, to, h.stride);
      for (Index j = hidden; j < h.stride; j++) to[j] = 0;
    }
  }
  void list(const R* from, Sparse<R>& to) const {
    to.count = find_nonzero(from, visible(), to.offset);
    for (Index e = 0; e < to.count; e++) to.value[e] = from[to.offset[e]], to.offset[e] *= line<R>;
  }
  void set_errors(const Block& rows) {
    for (Index i = 0; i < rows.count; i++)
      for (Index j = 0; j < h.stride; j++)
        error.of(rows)[i * h.stride + j] = share[rows.first + i] * h.of(rows)[i * h.stride + j];
  }

  // k steps of Gibbs sampling, from the probabilities h of these rows of the model
  void sample(const Step<R>& step, const Block& rows) {
    const Block own{rows.part, rows.first - examples, rows.count};
    for (Index s = 0; s < k; s++) {
      const Key key = step.key.fold(std::uint32_t(s));
      for (Index i = 0; i < rows.count; i++)
        draw(key.fold(0), (own.first + i) * hidden, h.of(rows) + i * h.stride, state.of(own) + i * state.stride, hidden);
      down.backward(step, own);
      for (Index i = 0; i < rows.count; i++)
        draw_visible(key.fold(1), own.first + i, v.of(rows) + i * v.stride, scratch + rows.part * padded_labels());
      raise(step, rows);
    }
    set_errors(rows);
  }
  // 1 where a uniform number of 24 bits is less than the probability, which may lie in the same place
  static void draw(Key key, Index counter, const R* probability, R* to, Index n) {
    for (Index i = 0; i < n; i++) {
      const R uniform = R(std::int32_t(key.bits(std::uint32_t(counter + i)) >> 8)) * R(0x1p-24);
      to[i] = uniform < probability[i] ? R(1) : R(0);
    }
  }
  // From wᵀ h to a visible state of the model's row i
  void draw_visible(Key key, Index i, R* z, R* probability) const {
    for (Index j = 0; j < v.stride; j += L) store(z + j, load(z + j) + load(b->w + j));
    if (labels) Cost<R>::softmax(z + inputs, labels, padded_labels(), probability);
    activate_all<R>({Activation::sigmoid, 0, 0}, z, z, round_up(inputs, L));
    draw(labels ? key.fold(0) : key, i * inputs, z, z, inputs);
    if (labels) draw_label(key.fold(1), i, probability, z + inputs);
    for (Index j = visible(); j < v.stride; j++) z[j] = 0;
  }
  // One of the labels; the last takes what rounding leaves.
  void draw_label(Key key, Index i, const R* probability, R* to) const {
    const R uniform = R(std::int32_t(key.bits(std::uint32_t(i)) >> 8)) * R(0x1p-24);
    R below = 0;
    for (Index l = 0; l < labels; below += probability[l++])
      to[l] = uniform >= below && (l + 1 == labels || uniform < below + probability[l]) ? R(1) : R(0);
  }

  // The same step for the rows of the examples and of the model.
  Step<R> over_all(const Step<R>& step) const {
    Step<R> whole = step;
    whole.batch = examples + models();
    return whole;
  }
  Vector<R> sum_visible(Index j) const {
    Vector<R> g = {};
    for (Index i = 0; i < examples + models(); i++) g = g + share[i] * load(v.base + i * v.stride + j);
    return g;
  }
  double square(const Step<R>& step, int part, int parts) override {
    double total = up.square(over_all(step), part, parts);
    const Index end = part_begin(v.stride, part + 1, parts, L);
    for (Index j = part_begin(v.stride, part, parts, L); j < end; j += L) {
      const Vector<R> g = sum_visible(j);
      for (int l = 0; l < L; l++) total += double(g[l]) * double(g[l]);
    }
    return total;
  }
  void update(const Step<R>& step, int part, int parts) override {
    up.update(over_all(step), part, parts);
    with_update<R>(step.optimizer, false, b->w, b->state, [&](auto update) {
      const Index end = part_begin(v.stride, part + 1, parts, L);
      for (Index j = part_begin(v.stride, part, parts, L); j < end; j += L)
        update(j, sum_visible(j));
    });
    if (part || !chains || !step.optimizer.averages) return;
    for (Index i = 0; i < chain->size; i++)  // no gradient moves the chains, but they have a moving average
      chain->state.average[i] += step.optimizer.share * (chain->w[i] - chain->state.average[i]);
  }
  void after_step(const Step<R>&) override {
    if (chains) std::memcpy(chain->w, v.base + examples * v.stride, chains * v.stride * sizeof(R));
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
