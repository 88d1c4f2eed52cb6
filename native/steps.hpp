// From a sequence to one step: its last real one, or the mean of its real ones.
#pragma once
#include "layer.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> struct JoinSteps : Layer<R> {
  bool is_mean;
  Index steps;

  Index pixels() const { return this->in.pixels() / steps; }  // of a step
  // The first real step that counts, and the share of each.
  Index first_of(Index length) const { return is_mean || !length ? 0 : length - 1; }
  R share_of(Index length) const { return is_mean ? R(1) / R(length) : R(1); }

  void forward(const Step<R>& step, const Block& block) override {
    const Index size = pixels() * this->in.cp;
    for (Index i = 0; i < block.count; i++) {
      const Index length = step.length(block.first + i, steps);
      const R *x = this->x.of(block) + i * this->x.stride, share = share_of(length);
      R* y = this->y.of(block) + i * this->y.stride;
      std::memset(y, 0, this->out.size() * sizeof(R));
      for (Index t = first_of(length); t < length; t++)
        for (Index p = 0; p < pixels(); p++)
          for (Index c = 0; c < this->in.c; c++) y[p * this->out.cp + c] += share * x[t * size + p * this->in.cp + c];
    }
  }
  void backward(const Step<R>& step, const Block& block) override {
    if (!this->d_x.base) return;
    const Index size = pixels() * this->in.cp;
    for (Index i = 0; i < block.count; i++) {
      const Index length = step.length(block.first + i, steps);
      const R *d = this->d_y.of(block) + i * this->d_y.stride, share = share_of(length);
      R* d_x = this->d_x.of(block) + i * this->d_x.stride;
      std::memset(d_x, 0, this->in.size() * sizeof(R));
      for (Index t = first_of(length); t < length; t++)
        for (Index p = 0; p < pixels(); p++)
          for (Index c = 0; c < this->in.c; c++) d_x[t * size + p * this->in.cp + c] = share * d[p * this->out.cp + c];
    }
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
