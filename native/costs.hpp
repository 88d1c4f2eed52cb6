// Costs: δᴸ = ∂C/∂zᴸ (BP1) of each example, times its weight, divided by the number of examples.
#pragma once
#include "activations.hpp"

namespace deltarule::DELTARULE_LEVEL {

enum class CostKind { quadratic, cross_entropy, log_likelihood, none };  // none: a layer has its own gradient

template <class R> struct Cost {
  CostKind kind;
  ActivationOf<R> output;  // of the quadratic cost
  R slope, offset;         // label smoothing: y′ = slope · y + offset
  Index steps;             // of an example, each with an answer and a cost of its own; 0: it has one answer

  // delta (padded) from z (padded) and y (n numbers)
  void delta(const R* z, const R* y, R weight, bool weighted, R examples, Index n, Index padded, R* delta) const {
    constexpr int L = lanes<R>;
    if (kind == CostKind::none) return;
    if (kind == CostKind::quadratic) activate_all(output, z, delta, padded);
    if (kind == CostKind::cross_entropy) activate_all<R>({Activation::sigmoid, 0, 0}, z, delta, padded);
    if (kind == CostKind::log_likelihood) softmax(z, n, padded, delta);
    if (kind == CostKind::quadratic) {  // (a − y) ⊙ σ′(z)
      with_activation(output.kind, [&](auto constant) {
        for (Index i = 0; i < padded; i += L) {
          const Vector<R> a = load(delta + i);
          Vector<R> target = {};
          for (int l = 0; l < L; l++) target[l] = i + l < n ? slope * y[i + l] + offset : R(0);
          store(delta + i, (a - target) * derivative<R, decltype(constant)::value>(a, output.p, output.q));
        }
      });
    } else {
      Index i = 0;
      for (; i + L <= n; i += L) store(delta + i, load(delta + i) - (slope * load(y + i) + offset));  // a − y
      for (; i < n; i++) delta[i] -= slope * y[i] + offset;
    }
    for (Index i = n; i < padded; i++) delta[i] = 0;
    for (Index i = 0; i < padded; i += L) {
      const Vector<R> d = load(delta + i);
      store(delta + i, (weighted ? weight * d : d) / examples);
    }
  }

  // The same for each step of an example, with n numbers each. A step with a NaN in y does not count: its δ is 0. `one`
  // has room for the δ of a step.
  void delta_of_steps(const R* z, const R* y, R weight, bool weighted, R examples, Index n, R* one, R* to) const {
    const Index padded = round_up(n, lanes<R>);
    for (Index t = 0; t < steps; t++, z += n, y += n, to += n) {
      bool counts = true;
      for (Index i = 0; i < n; i++) counts &= y[i] == y[i];
      if (counts) delta(z, y, weight, weighted, examples, n, padded, one);
      else std::memset(one, 0, n * sizeof(R));
      std::memcpy(to, one, n * sizeof(R));
    }
  }

  static void softmax(const R* z, Index n, Index padded, R* a) {
    constexpr int L = lanes<R>;
    R largest = z[0], total = 0;
    for (Index i = 1; i < n; i++) largest = z[i] > largest || z[i] != z[i] ? z[i] : largest;
    for (Index i = 0; i < padded; i += L) store(a + i, exp_of_negative<R>(load(z + i) - largest));
    for (Index i = 0; i < n; i++) total += a[i];
    for (Index i = 0; i < n; i++) a[i] /= total;
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
