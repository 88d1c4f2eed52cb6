// The cells of recurrent layers: one step of one example, number by number, forward and backward in time.
//
// A cell takes its weighted inputs z in groups of neurons, and puts what it needs again in their place, later δ. It
// keeps h in a row of its own, and LSTM also c and tanh c.
#pragma once
#include "activations.hpp"

namespace deltarule::DELTARULE_LEVEL {

enum class Cell { elman, lstm, gru };

// Where a step of an example has its numbers. z: the first of each panel is `panel` numbers behind that of the one
// before, and each group `group` numbers behind the group before.
template <class R> struct CellStep {
  R* z;
  Index panel, group, n;         // n: neurons, rounded up to whole panels
  const R *h_before, *c_before;  // of the step before
  R *h, *c, *shown;              // shown = tanh c
  R *d_h, *d_c;                  // d_c of GRU: what passes to h of the step before by no weights
};

// Call f(place in z, place in all else) for each vector.
template <class R, class F> INLINE void each_vector(const CellStep<R>& p, F f) {
  for (Index j = 0; j < p.n; j += line<R>)
    UNROLL for (int v = 0; v < line<R>; v += lanes<R>) f(p.z + j / line<R> * p.panel + v, j + v);
}

template <class R> INLINE Vector<R> tanh_of(Vector<R> z) { return activate<R, Activation::tanh>(z, R(0), R(0)); }

template <class R> INLINE void step_lstm(const CellStep<R>& p) {
  each_vector(p, [&](R* z, Index j) {
    const Vector<R> i = sigmoid<R>(load(z)), f = sigmoid<R>(load(z + p.group)), o = sigmoid<R>(load(z + 2 * p.group));
    const Vector<R> g = tanh_of<R>(load(z + 3 * p.group));
    store(z, i), store(z + p.group, f), store(z + 2 * p.group, o), store(z + 3 * p.group, g);
    store(p.c + j, f * load(p.c_before + j) + i * g);
  });
  each_vector(p, [&](R* z, Index j) {  // by itself, so that the vectors do not wait for each other
    const Vector<R> shown = tanh_of<R>(load(p.c + j));
    store(p.shown + j, shown), store(p.h + j, load(z + 2 * p.group) * shown);
  });
}
template <class R> INLINE void step_lstm_back(const CellStep<R>& p) {
  each_vector(p, [&](R* z, Index j) {
    const Vector<R> i = load(z), f = load(z + p.group), o = load(z + 2 * p.group), g = load(z + 3 * p.group);
    const Vector<R> shown = load(p.shown + j), d_h = load(p.d_h + j);
    const Vector<R> d_c = load(p.d_c + j) + d_h * o * (1 - shown * shown);
    store(z, d_c * g * i * (1 - i));
    store(z + p.group, d_c * load(p.c_before + j) * f * (1 - f));
    store(z + 2 * p.group, d_h * shown * o * (1 - o));
    store(z + 3 * p.group, d_c * i * (1 - g * g));
    store(p.d_c + j, d_c * f);
  });
}

// The groups are z of r and k, u h_{t−1} of g, and w x_t + b of g.
template <class R> INLINE void step_gru(const CellStep<R>& p) {
  each_vector(p, [&](R* z, Index j) {
    const Vector<R> r = sigmoid<R>(load(z)), k = sigmoid<R>(load(z + p.group));
    const Vector<R> g = tanh_of<R>(load(z + 3 * p.group) + r * load(z + 2 * p.group));
    store(z, r), store(z + p.group, k), store(z + 3 * p.group, g);
    store(p.h + j, k * load(p.h_before + j) + (1 - k) * g);
  });
}
template <class R> INLINE void step_gru_back(const CellStep<R>& p) {
  each_vector(p, [&](R* z, Index j) {
    const Vector<R> r = load(z), k = load(z + p.group), u_h = load(z + 2 * p.group), g = load(z + 3 * p.group);
    const Vector<R> d_h = load(p.d_h + j) + load(p.d_c + j), d_g = d_h * (1 - k) * (1 - g * g);
    store(z, d_g * u_h * r * (1 - r));
    store(z + p.group, d_h * (load(p.h_before + j) - g) * k * (1 - k));
    store(z + 2 * p.group, r * d_g), store(z + 3 * p.group, d_g);
    store(p.d_c + j, k * d_h);
  });
}

template <class R> INLINE void step_elman(ActivationOf<R> f, const CellStep<R>& p) {
  with_activation(f.kind, [&](auto constant) {
    each_vector(p, [&](R* z, Index j) {
      const Vector<R> h = activate<R, decltype(constant)::value>(load(z), f.p, f.q);
      store(z, h), store(p.h + j, h);
    });
  });
}
template <class R> INLINE void step_elman_back(ActivationOf<R> f, const CellStep<R>& p) {
  with_activation(f.kind, [&](auto constant) {
    each_vector(p, [&](R* z, Index j) {
      store(z, load(p.d_h + j) * derivative<R, decltype(constant)::value>(load(z), f.p, f.q));
    });
  });
}

}  // namespace deltarule::DELTARULE_LEVEL
