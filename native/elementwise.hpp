// Layers that work number by number: a = f(z); dropout, y = x · mask; and Flatten, which only moves numbers.
#pragma once
#include "activations.hpp"
#include "layer.hpp"
#include "random.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> struct Activate : Layer<R> {
  ActivationOf<R> f;
  void forward(const Step<R>&, const Block& block) override {
    for (Index i = 0; i < block.count; i++)
      activate_all(f, this->x.of(block) + i * this->x.stride, this->y.of(block) + i * this->y.stride, this->out.size());
  }
  void backward(const Step<R>&, const Block& block) override {
    if (!this->d_x.base) return;
    for (Index i = 0; i < block.count; i++)
      multiply_by_derivative(f, this->y.of(block) + i * this->y.stride, this->d_y.of(block) + i * this->d_y.stride,
                             this->d_x.of(block) + i * this->d_x.stride, this->out.size());
  }
};

// y = x · mask: 0, or 1/(1 − p); the counters of the random bits run over the whole mini-batch.
template <class R> struct Dropout : Layer<R> {
  std::uint32_t threshold;  // a number is kept if its bits are at most this
  R kept, used;             // the factors of what is kept in training, and of all in use
  Rows<R> mask;
  void forward(const Step<R>& step, const Block& block) override {
    const Shape& shape = this->in;
    const Key own = step.key.fold(std::uint32_t(this->index));
    for (Index i = 0; i < block.count; i++) {
      const R* x = this->x.of(block) + i * this->x.stride;
      R *y = this->y.of(block) + i * this->y.stride, *m = mask.of(block) + i * mask.stride;
      if (!step.training) {
        for (Index k = 0; k < shape.size(); k++) y[k] = x[k] * used;
        continue;
      }
      std::uint32_t counter = std::uint32_t((block.first + i) * shape.pixels() * shape.c);
      for (Index p = 0; p < shape.pixels(); p++, counter += std::uint32_t(shape.c))
        for (Index c = 0; c < shape.c; c++)
          m[p * shape.cp + c] = own.bits(counter + std::uint32_t(c)) <= threshold ? kept : R(0);
      for (Index k = 0; k < shape.size(); k++) y[k] = x[k] * m[k];
    }
  }
  void backward(const Step<R>&, const Block& block) override {
    if (!this->d_x.base) return;
    for (Index i = 0; i < block.count; i++) {
      const R *d = this->d_y.of(block) + i * this->d_y.stride, *m = mask.of(block) + i * mask.stride;
      R* d_x = this->d_x.of(block) + i * this->d_x.stride;
      for (Index k = 0; k < this->in.size(); k++) d_x[k] = d[k] * m[k];
    }
  }
};

// From an image to a flat row: the same numbers without what pads each pixel.
template <class R> struct Flatten : Layer<R> {
  void forward(const Step<R>&, const Block& block) override {
    const Shape& shape = this->in;
    for (Index i = 0; i < block.count; i++)
      for (Index p = 0; p < shape.pixels(); p++)
        std::memcpy(this->y.of(block) + i * this->y.stride + p * shape.c,
                    this->x.of(block) + i * this->x.stride + p * shape.cp, shape.c * sizeof(R));
  }
  void backward(const Step<R>&, const Block& block) override {
    if (!this->d_x.base) return;
    const Shape& shape = this->in;
    for (Index i = 0; i < block.count; i++)
      for (Index p = 0; p < shape.pixels(); p++)
        std::memcpy(this->d_x.of(block) + i * this->d_x.stride + p * shape.cp,
                    this->d_y.of(block) + i * this->d_y.stride + p * shape.c, shape.c * sizeof(R));
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
