// Batch normalization: y = γ x̂ + β with x̂ = (x − mean) / √(variance + ε), over the mini-batch and all places.
//
// All parts meet twice: for mean and variance, and for ∂C/∂γ and ∂C/∂β, from which ∂C/∂x follows:
// ∂C/∂x = γ / √(variance + ε) · (∂C/∂y − Σ ∂C/∂y / m − x̂ Σ (∂C/∂y · x̂) / m).
#pragma once
#include "layer.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> struct Normalization {
  static constexpr int L = lanes<R>;
  R epsilon, momentum;
  Index c, cp, pixels;
  Parameter<R>*scale, *shift, *mean, *variance;
  struct Sums {
    Index count;
    R *mean, *square;  // of this part: the mean and Σ (x − mean)²
    R *d_shift, *d_scale;
  }* sums;                                              // of each part
  R *batch_mean, *batch_variance, *deviation, *factor;  // factor = γ / √(variance + ε)
  R *d_shift, *d_scale;                                 // of the whole mini-batch
  R *level, *along;                                     // Σ ∂C/∂y / m and Σ (∂C/∂y · x̂) / (m √(variance + ε))
  Index count = 0;                                      // m, the numbers that each mean was taken of

  void plan_memory(Memory& memory, int parts) {
    sums = memory.take<Sums>(parts);
    for (int p = 0; p < parts && !memory.failed; p++)
      for (R** each : {&sums[p].mean, &sums[p].square, &sums[p].d_shift, &sums[p].d_scale}) *each = memory.take<R>(cp);
    for (R** each : {&batch_mean, &batch_variance, &deviation, &factor, &d_shift, &d_scale, &level, &along})
      *each = memory.take<R>(cp);
  }
  void set_factor(const R* of) {
    for (Index m = 0; m < c; m++) {
      deviation[m] = std::sqrt(of[m] + epsilon);
      factor[m] = scale->w[m] / deviation[m];
    }
  }
};

// The first half: mean and variance of the mini-batch; backward it computes ∂C/∂x.
template <class R> struct Statistics : Layer<R> {
  static constexpr int L = lanes<R>;
  Normalization<R>* norm;

  void begin(const Step<R>&, int part) override {
    auto& s = norm->sums[part];
    s.count = 0;
    for (R* each : {s.mean, s.square, s.d_shift, s.d_scale}) std::memset(each, 0, norm->cp * sizeof(R));
  }
  void forward(const Step<R>& step, const Block& block) override {
    if (!step.training) return;
    auto& s = norm->sums[block.part];
    const Index cp = norm->cp, pixels = norm->pixels;
    for (Index i = 0; i < block.count; i++) {
      const R* x = this->x.of(block) + i * this->x.stride;
      const R total = R(s.count + pixels), share = R(pixels) / total, product = R(s.count) * share;
      for (Index m = 0; m < cp; m += 2 * L) {
        Vector<R> mean[2] = {}, square[2] = {};
        for (Index p = 0; p < pixels; p++)
          UNROLL for (int v = 0; v < 2; v++) mean[v] = mean[v] + load(x + p * cp + m + v * L);
        UNROLL for (int v = 0; v < 2; v++) mean[v] = mean[v] / R(pixels);
        for (Index p = 0; p < pixels; p++) UNROLL for (int v = 0; v < 2; v++) {
            const Vector<R> away = load(x + p * cp + m + v * L) - mean[v];
            square[v] = square[v] + away * away;
          }
        UNROLL for (int v = 0; v < 2; v++) {  // two sets of numbers become one (Chan and others, 1979)
          R *to_mean = s.mean + m + v * L, *to_square = s.square + m + v * L;
          const Vector<R> apart = mean[v] - load(to_mean);
          store(to_mean, load(to_mean) + apart * share);
          store(to_square, load(to_square) + square[v] + apart * apart * product);
        }
      }
      s.count += pixels;
    }
  }
  void join_forward(const Step<R>& step, int parts) override {
    if (!step.training)
      return norm->set_factor(norm->variance->w),
             (void)std::memcpy(norm->batch_mean, norm->mean->w, norm->cp * sizeof(R));
    norm->count = 0;
    for (Index m = 0; m < norm->c; m++) {
      R mean = 0, square = 0;
      Index n = 0;
      for (int p = 0; p < parts; p++) {
        const auto& s = norm->sums[p];
        if (!s.count) continue;
        const R apart = s.mean[m] - mean, share = R(s.count) / R(n + s.count);
        mean += apart * share, square += s.square[m] + apart * apart * R(n) * share;
        n += s.count;
      }
      norm->batch_mean[m] = mean, norm->batch_variance[m] = square / R(n);
      norm->count = n;
    }
    norm->set_factor(norm->batch_variance);
  }
  void backward(const Step<R>&, const Block& block) override {
    if (!this->d_x.base) return;
    const Normalization<R>& n = *norm;
    for (Index i = 0; i < block.count; i++) {
      const R *x = this->x.of(block) + i * this->x.stride, *d = this->d_y.of(block) + i * this->d_y.stride;
      R* d_x = this->d_x.of(block) + i * this->d_x.stride;
      for (Index p = 0; p < n.pixels; p++, x += n.cp, d += n.cp, d_x += n.cp)
        for (Index c = 0; c < n.cp; c += L) {
          const Vector<R> along = (load(x + c) - load(n.batch_mean + c)) * load(n.along + c);
          store(d_x + c, load(n.factor + c) * (load(d + c) - load(n.level + c) - along));
        }
    }
  }
  void after_step(const Step<R>&) override {
    if (norm->count <= 1) return;
    const R keep = norm->momentum, take = 1 - keep, unbiased = R(norm->count) / R(norm->count - 1);
    for (Index m = 0; m < norm->c; m++) {
      R &mean = norm->mean->w[m], &variance = norm->variance->w[m];
      mean = keep * mean + take * norm->batch_mean[m];
      variance = keep * variance + take * (norm->batch_variance[m] * unbiased);
    }
  }
};

// The second half: y = γ x̂ + β; backward it sums ∂C/∂γ and ∂C/∂β.
template <class R> struct Normalize : Layer<R> {
  static constexpr int L = lanes<R>;
  Normalization<R>* norm;

  void forward(const Step<R>&, const Block& block) override {
    const Normalization<R>& n = *norm;
    for (Index i = 0; i < block.count; i++) {
      const R* x = this->x.of(block) + i * this->x.stride;
      R* y = this->y.of(block) + i * this->y.stride;
      for (Index p = 0; p < n.pixels; p++, x += n.cp, y += n.cp)
        for (Index c = 0; c < n.cp; c += L)
          store(y + c, (load(x + c) - load(n.batch_mean + c)) * load(n.factor + c) + load(n.shift->w + c));
    }
  }
  void backward(const Step<R>&, const Block& block) override {
    const Normalization<R>& n = *norm;
    auto& s = n.sums[block.part];
    for (Index i = 0; i < block.count; i++) {
      const R *x = this->x.of(block) + i * this->x.stride, *d = this->d_y.of(block) + i * this->d_y.stride;
      for (Index c = 0; c < n.cp; c += 2 * L) {
        Vector<R> shift[2] = {}, scale[2] = {};
        for (Index p = 0; p < n.pixels; p++) UNROLL for (int v = 0; v < 2; v++) {
            const Index at = p * n.cp + c + v * L;
            const Vector<R> error = load(d + at);
            shift[v] = shift[v] + error;
            scale[v] = scale[v] + error * (load(x + at) - load(n.batch_mean + c + v * L));
          }
        UNROLL for (int v = 0; v < 2; v++) {
          const Index at = c + v * L;
          store(s.d_shift + at, load(s.d_shift + at) + shift[v]);
          store(s.d_scale + at, load(s.d_scale + at) + scale[v]);
        }
      }
    }
  }
  void join_backward(const Step<R>&, int parts) override {
    for (Index m = 0; m < norm->c; m++) {
      R shift = 0, scale = 0;
      for (int p = 0; p < parts; p++) shift += norm->sums[p].d_shift[m], scale += norm->sums[p].d_scale[m];
      const R deviation = norm->deviation[m], count = R(norm->count);
      norm->d_shift[m] = shift, norm->d_scale[m] = scale / deviation;
      norm->level[m] = shift / count, norm->along[m] = norm->d_scale[m] / count / deviation;
    }
  }
  double square(const Step<R>& step, int part, int) override {
    if (part) return 0;
    return norm->scale->square(step.optimizer, &norm->d_scale, 1) +
           norm->shift->square(step.optimizer, &norm->d_shift, 1);
  }
  void update(const Step<R>& step, int part, int) override {
    if (part) return;
    R* gradients[] = {norm->d_scale};
    update_by(step, norm->scale, gradients);
    gradients[0] = norm->d_shift;
    update_by(step, norm->shift, gradients);
    if (!step.optimizer.averages) return;
    for (Parameter<R>* p : {norm->mean, norm->variance})  // no gradient moves them, but they have a moving average
      for (Index m = 0; m < norm->c; m++) p->state.average[m] += step.optimizer.share * (p->w[m] - p->state.average[m]);
  }
  void update_by(const Step<R>& step, Parameter<R>* p, R** gradients) {
    p->gradients = gradients;
    p->update(step.optimizer, 1, 0, norm->cp);
    p->gradients = nullptr;
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
