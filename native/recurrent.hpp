// Recurrent, LSTM and GRU: z_t = w x_t + u h_{t−1} + b and a cell, step by step; backpropagation through time.
//
// A row holds x_t and h_{t−1} of an example side by side, so that one product with [w u] gives z_t. In a block, rows of
// each step follow those of the step before. z, and in its place δ, lies in panels, [panel][row][W]. So after the loop
// over time, one product of long columns gives the gradients of all steps (BPTT4).
#pragma once
#include "cells.hpp"
#include "recurrent_weights.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> struct Recurrent : Layer<R> {
  static constexpr int L = lanes<R>, W = line<R>;
  Cell cell;
  ActivationOf<R> activation;
  Weights<R> weights;
  Index steps, truncate;      // truncate: the steps of a segment, which δ does not leave; 0: all
  bool skips_zeros = false;   // most x are 0
  Index slots, row_stride;    // slots: examples of a block; 0: there is memory for the whole mini-batch
  R *rows, *z, *c, *shown;    // of all blocks; see `place`
  struct Scratch {            // of each part
    R *d_h, *d_c, *zeros;
    std::int32_t *tap, *mark, *place_h, *place_x, *active, *length, *offset;
    R* value;  // with `listed` and `listed_end`: of each k, the x[k] that are not 0, and their rows
    std::int32_t *listed, *listed_end;
  }* scratch;
  // Rows whose δ of one panel, and of four panels, stay in the first cache.
  static constexpr Index chunk = 192, few = 96;

  // Numbers between panels of z: so many that the same step of all panels does not fall into the same lines of a cache.
  Index panel_step(Index count) const { return (count * steps + (slots ? (count - count * steps) & 63 : 0)) * W; }
  Index most_z() const { return (slots * steps + (slots ? 63 : 0)) * W * weights.panels(); }  // of a part
  struct Memories {
    R *rows, *z, *c, *shown;
    Index count, panel_step;
  };
  Memories memories_of(const Block& block) const {
    const Index first = slots ? block.part * slots : block.first, n = weights.n;
    R* own_z = slots ? z + block.part * most_z() : z + block.first * steps * W * weights.panels();
    return {rows + first * (steps + 1) * row_stride, own_z, c + first * steps * n, shown + first * steps * n,
            block.count, panel_step(block.count)};
  }
  void plan_memory(Memory& memory, Index parts, Index batch) {
    const Index all = slots ? parts * slots : batch, n = weights.n, most = slots ? slots : batch;
    row_stride = (round_up(weights.width, W) / W | 1) * W;  // an odd number of lines
    rows = memory.take<R>(all * (steps + 1) * row_stride);
    z = memory.take<R>(slots ? parts * most_z() : batch * steps * W * weights.panels());
    const bool has_c = cell == Cell::lstm;
    c = memory.take<R>(has_c ? all * steps * n : 1), shown = memory.take<R>(has_c ? all * steps * n : 1);
    scratch = memory.take<Scratch>(parts);
    for (Index p = 0; p < parts && !memory.failed; p++) {
      Scratch& s = scratch[p];
      s.d_h = memory.take<R>(most * n), s.d_c = memory.take<R>(most * n), s.zeros = memory.take<R>(n);
      for (std::int32_t** each : {&s.place_h, &s.place_x}) *each = memory.take<std::int32_t>(weights.groups * n);
      for (std::int32_t** each : {&s.tap, &s.mark}) *each = memory.take<std::int32_t>(weights.width);
      for (std::int32_t** each : {&s.active, &s.length}) *each = memory.take<std::int32_t>(most);
      s.offset = memory.take<std::int32_t>(chunk);
      const Index most_listed = skips_zeros ? weights.features * few : 0;
      s.value = memory.take<R>(most_listed), s.listed = memory.take<std::int32_t>(most_listed + 1);
      s.listed_end = memory.take<std::int32_t>(weights.features);
      for (Index r = 0; r < chunk && !memory.failed; r++) s.offset[r] = std::int32_t(r * W);
    }
  }
  void prepare() override { weights.turn(0, weights.panels()); }

  void begin(const Step<R>&, int part) override {
    std::memset(weights.all.gradients[part], 0, weights.all.size * sizeof(R));
    std::memset(weights.b->gradients[part], 0, weights.b->size * sizeof(R));
  }

  CellStep<R> place(const Memories& m, const Scratch& s, Index t, Index i) const {
    const Index n = weights.n, row = t * m.count + i;
    const bool has_c = cell == Cell::lstm;
    R* const x = m.rows + row * row_stride + weights.features;
    return {m.z + row * W,
            m.panel_step,
            n / W * m.panel_step,
            n,
            x,
            t && has_c ? m.c + (row - m.count) * n : s.zeros,
            x + m.count * row_stride,
            has_c ? m.c + row * n : nullptr,
            has_c ? m.shown + row * n : nullptr,
            s.d_h + i * n,
            s.d_c + i * n};
  }

  void forward(const Step<R>& step, const Block& block) override {
    const Memories m = memories_of(block);
    const Scratch& s = scratch[block.part];
    note_lengths(step, block, s);
    copy_inputs(block, m, s);
    for (Index t = 0; t < steps; t++) {
      const Index active = list_active(s, m.count, t);
      if (active) multiply_step(m, s, t, active);
      for (Index a = 0; a < active; a++) {
        const CellStep<R> p = place(m, s, t, s.active[a]);
        if (cell == Cell::lstm) step_lstm(p);
        if (cell == Cell::gru) step_gru(p);
        if (cell == Cell::elman) step_elman(activation, p);
      }
      for (Index i = 0; i < m.count; i++) {
        R* const y = this->y.of(block) + i * this->y.stride + t * this->out.cp;
        R* const h = m.rows + ((t + 1) * m.count + i) * row_stride + weights.features;
        if (t >= s.length[i]) std::memset(h, 0, weights.n * sizeof(R));  // padding: y is 0
        std::memcpy(y, h, (this->out.cp < weights.n ? this->out.cp : weights.n) * sizeof(R));
      }
    }
  }

  void backward(const Step<R>& step, const Block& block) override {
    const Memories m = memories_of(block);
    const Scratch& s = scratch[block.part];
    note_lengths(step, block, s);  // another block may have been the last to go forward
    const Index n = weights.n, height = weights.list_places(weights.takes_h, m.panel_step, s.place_h);
    std::memset(s.d_h, 0, m.count * n * sizeof(R)), std::memset(s.d_c, 0, m.count * n * sizeof(R));
    for (Index t = steps - 1; t >= 0; t--) {
      for (Index i = 0; i < m.count; i++)
        if (t >= s.length[i]) clear_errors(m, t * m.count + i);
      const Index active = list_active(s, m.count, t);
      for (Index a = 0; a < active; a++) {
        const Index i = s.active[a];
        const CellStep<R> p = place(m, s, t, i);
        const R* d_y = this->d_y.of(block) + i * this->d_y.stride + t * this->out.cp;
        add_errors(d_y, p.d_h);
        if (cell == Cell::lstm) step_lstm_back(p);
        if (cell == Cell::gru) step_gru_back(p);
        if (cell == Cell::elman) step_elman_back(activation, p);
      }
      if (t == 0) break;
      if (truncate && t % truncate == 0) {
        std::memset(s.d_h, 0, m.count * n * sizeof(R)), std::memset(s.d_c, 0, m.count * n * sizeof(R));
        continue;
      }
      multiply<R>(
          active, s.place_h, height, weights.back_h, height * W, nullptr, 2, n / W,
          [&](Index a) { return m.z + (t * m.count + s.active[a]) * W; },
          [&](Index a) { return s.d_h + s.active[a] * n; });
    }
    add_gradients(m, s, block.part);
    if (skips_zeros) add_listed(m, s, block.part);
    if (this->d_x.base) pass_errors(m, s, block);
  }

  double square(const Step<R>& step, int part, int parts) override {
    if (part) return 0;
    R* const* const g = weights.all.gradients;
    return weights.w->square(step.optimizer, g, parts) +
           weights.u->square(step.optimizer, g, parts, weights.features * W) +
           weights.b->square(step.optimizer, weights.b->gradients, parts);
  }

  void update(const Step<R>& step, int part, int parts) override {
    const Index begin = part_begin(weights.panels(), part, parts), end = part_begin(weights.panels(), part + 1, parts);
    const Index panel = weights.width * W;
    weights.all.update(step.optimizer, parts, begin * panel, end * panel);
    weights.b->update(step.optimizer, parts, begin * W, end * W);
    weights.turn(begin, end);
  }

 private:
  // Of the neurons alone: the numbers that pad them may have an error, where their activations are not 0.
  void add_errors(const R* d_y, R* d_h) const {
    Index j = 0;
    for (; j + L <= weights.neurons; j += L) store(d_h + j, load(d_h + j) + load(d_y + j));
    for (; j < weights.neurons; j++) d_h[j] += d_y[j];
  }
  void note_lengths(const Step<R>& step, const Block& block, const Scratch& s) const {
    for (Index i = 0; i < block.count; i++) s.length[i] = std::int32_t(step.length(block.first + i, steps));
  }
  // Write x of all steps into the rows, 0 for padding and for h before the first step.
  void copy_inputs(const Block& block, const Memories& m, const Scratch& s) {
    const Index features = weights.features;
    for (Index i = 0; i < m.count; i++) {
      const R* x = this->x.of(block) + i * this->x.stride;
      R* row = m.rows + i * row_stride;
      std::memset(row + features, 0, weights.n * sizeof(R));
      for (Index t = 0; t < steps; t++, x += this->in.cp, row += m.count * row_stride)
        if (t < s.length[i]) std::memcpy(row, x, features * sizeof(R));
        else std::memset(row, 0, features * sizeof(R));
    }
  }
  Index list_active(const Scratch& s, Index count, Index t) const {
    Index active = 0;
    for (Index i = 0; i < count; i++) s.active[active] = std::int32_t(i), active += t < s.length[i];
    return active;
  }
  void clear_errors(const Memories& m, Index row) const {
    for (Index p = 0; p < weights.panels(); p++) std::memset(m.z + p * m.panel_step + row * W, 0, W * sizeof(R));
  }

  // z_t of the active examples. Inputs that are 0 in all of them are left out, and h before the first step.
  void multiply_step(const Memories& m, const Scratch& s, Index t, Index active) const {
    const Index features = weights.features, first = t * m.count;
    Index taps_x = 0, taps_h = 0;
    for (Index k = 0; k < features; k++) s.mark[k] = !skips_zeros;
    for (Index a = 0; a < active && skips_zeros; a++) {
      const R* x = m.rows + (first + s.active[a]) * row_stride;
      for (Index k = 0; k < features; k++) s.mark[k] |= x[k] != 0;
    }
    for (Index k = 0; k < features; k++) s.tap[taps_x] = std::int32_t(k), taps_x += s.mark[k];
    for (Index k = 0; k < weights.neurons && t; k++) s.tap[taps_x + taps_h++] = std::int32_t(features + k);
    constexpr Index most = registers / 2;
    const Index blocks = (active + most - 1) / most;
    for (Index p = 0; p < weights.panels(); p++) {
      const Index group = p * W / weights.n;
      const std::int32_t* tap = weights.takes_x[group] ? s.tap : s.tap + taps_x;
      const Index taps = weights.takes_x[group] * taps_x + weights.takes_h[group] * taps_h;
      for (Index b = 0; b < blocks; b++) {
        const Index begin = active * b / blocks, count = active * (b + 1) / blocks - begin;
        const R* x[most];
        R* z[most];
        for (Index r = 0; r < count; r++) {
          const Index row = first + s.active[begin + r];
          x[r] = m.rows + row * row_stride, z[r] = m.z + p * m.panel_step + row * W;
        }
        multiply_chosen_of<R>(count)(x, tap, taps, weights.all.w + p * weights.width * W, weights.b->w + p * W, z);
      }
    }
  }

  // ∂C/∂w and ∂C/∂u: products of the columns of δ and of the rows (BPTT4); ∂C/∂b: the sums of the columns (BPTT3).
  void add_gradients(const Memories& m, const Scratch& s, int part) const {
    const Index all = m.count * steps, width = weights.width;
    for (Index first = 0, count; first < all; first += count) {
      const bool has_h = first >= m.count;  // before the first step h is 0
      const Index end = has_h ? all : m.count;
      count = end - first < chunk ? end - first : chunk;
      for (Index p = 0; p < weights.panels(); p++) {
        const Index group = p * W / weights.n, k = weights.takes_x[group] && !skips_zeros ? 0 : weights.features;
        const Index k_end = has_h && weights.takes_h[group] ? weights.features + weights.neurons : weights.features;
        const R* delta = m.z + p * m.panel_step + first * W;
        if (k < k_end)
          add_columns(weights.all.gradients[part] + (p * width + k) * W, k_end - k, delta, s.offset,
                      m.rows + first * row_stride + k, row_stride, count);
        if (weights.takes_x[group]) sum_rows(weights.b->gradients[part] + p * W, delta, count);
      }
    }
  }
  // The same for x of which most are 0: only the others are visited.
  void add_listed(const Memories& m, const Scratch& s, int part) const {
    const Index all = m.count * steps, width = weights.width, panels = weights.n / W;  // of a group
    for (Index first = 0; first < all; first += few) {
      const Index count = all - first < few ? all - first : few;
      std::int32_t listed = 0;
      for (Index k = 0; k < weights.features; k++) {
        const R* x = m.rows + first * row_stride + k;
        for (Index r = 0; r < count; r++, x += row_stride) {
          s.value[listed] = *x, s.listed[listed] = std::int32_t(r * W);
          listed += *x != 0;
        }
        s.listed_end[k] = listed;
      }
      for (Index g = 0; g < weights.groups; g++)
        for (Index p = g * panels, end = p + panels * weights.takes_x[g]; p < end; p += 4) {
          const AddRows<R> add = add_rows_of<R>(2, int(end - p < 4 ? end - p : 4));
          for (Index k = 0, e = 0; k < weights.features; e = s.listed_end[k++])
            if (s.listed_end[k] > e)
              add(weights.all.gradients[part] + (p * width + k) * W, width * W, m.z + p * m.panel_step + first * W,
                  m.panel_step, s.value + e, s.listed + e, s.listed_end[k] - e);
        }
    }
  }
  static void sum_rows(R* sum, const R* from, Index count) {
    Vector<R> part[4][2] = {};
    Index r = 0;
    for (; r + 4 <= count; r += 4) UNROLL for (int q = 0; q < 4; q++)
      UNROLL for (int v = 0; v < 2; v++) part[q][v] = part[q][v] + load(from + (r + q) * W + v * L);
    for (; r < count; r++) UNROLL for (int v = 0; v < 2; v++) part[0][v] = part[0][v] + load(from + r * W + v * L);
    UNROLL for (int v = 0; v < 2; v++)
      store(sum + v * L, load(sum + v * L) + ((part[0][v] + part[1][v]) + (part[2][v] + part[3][v])));
  }

  // ∂C/∂x_t = wᵀ δ_t, to the layer before
  void pass_errors(const Memories& m, const Scratch& s, const Block& block) const {
    const Index height = weights.list_places(weights.takes_x, m.panel_step, s.place_x);
    multiply<R>(
        m.count * steps, s.place_x, height, weights.back_x, height * weights.vectors_x * L, nullptr, weights.vectors_x,
        weights.panels_x, [&](Index r) { return m.z + r * W; },
        [&](Index r) { return this->d_x.of(block) + r % m.count * this->d_x.stride + r / m.count * this->in.cp; });
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
