// Activations, a = f(z), elementwise, and ∂C/∂z = f′(z) ⊙ ∂C/∂a (BP2), with f′ in terms of a.
#pragma once
#include <type_traits>

#include "vector.hpp"

namespace deltarule::DELTARULE_LEVEL {

enum class Activation { linear, sigmoid, shifted, tanh, relu, leaky, elu };
template <class R> struct ActivationOf {
  Activation kind;
  R p, q;  // shifted: p σ(z) + q; leaky and elu: p is a
};

template <class R> INLINE Vector<R> sigmoid(Vector<R> z) {
  const Vector<R> e = exp_of_negative<R>(z < 0 ? z : -z), one = spread(R(1));
  return (z < 0 ? e : one) / (1 + e);
}

template <class R, Activation A> INLINE Vector<R> activate(Vector<R> z, R p, R q) {
  if constexpr (A == Activation::sigmoid) return sigmoid<R>(z);
  if constexpr (A == Activation::shifted) return p * sigmoid<R>(z) + q;
  if constexpr (A == Activation::tanh) {  // −m / (m + 2) with m = e^(−2|z|) − 1, and the sign of z
    const Vector<R> m = expm1_of_negative<R>(z < 0 ? 2 * z : -2 * z), t = m / (m + 2);
    return z < 0 ? t : -t;
  }
  if constexpr (A == Activation::relu) return z > 0 ? z : Vector<R>{};
  if constexpr (A == Activation::leaky) return z > 0 ? z : p * z;
  if constexpr (A == Activation::elu) return z > 0 ? z : p * expm1_of_negative<R>(z);
  return z;
}

template <class R, Activation A> INLINE Vector<R> derivative(Vector<R> a, R p, R q) {
  const Vector<R> one = spread(R(1));
  if constexpr (A == Activation::sigmoid) return a * (1 - a);
  if constexpr (A == Activation::shifted) {
    const Vector<R> s = p == 0 ? Vector<R>{} : (a - q) / p;
    return p * s * (1 - s);
  }
  if constexpr (A == Activation::tanh) return 1 - a * a;
  if constexpr (A == Activation::relu) return a > 0 ? one : Vector<R>{};
  if constexpr (A == Activation::leaky) return a > 0 ? one : spread(p);
  if constexpr (A == Activation::elu) return a > 0 ? one : a + p;
  return one;
}

// Call f with the activation as a compile-time constant: f(Constant<A>()).
template <Activation A> struct Constant {
  static constexpr Activation value = A;
};
template <class F> INLINE void with_activation(Activation kind, F f) {
  switch (kind) {
    case Activation::sigmoid: return f(Constant<Activation::sigmoid>());
    case Activation::shifted: return f(Constant<Activation::shifted>());
    case Activation::tanh: return f(Constant<Activation::tanh>());
    case Activation::relu: return f(Constant<Activation::relu>());
    case Activation::leaky: return f(Constant<Activation::leaky>());
    case Activation::elu: return f(Constant<Activation::elu>());
    case Activation::linear: return f(Constant<Activation::linear>());
  }
}

// a[i] = f(z[i]), i < n, n a multiple of the lanes; a may be z
template <class R> void activate_all(ActivationOf<R> f, const R* z, R* a, Index n) {
  with_activation(f.kind, [&](auto constant) {
    for (Index i = 0; i < n; i += lanes<R>) store(a + i, activate<R, decltype(constant)::value>(load(z + i), f.p, f.q));
  });
}
// d[i] ← d[i] f′(z[i]), from a
template <class R> void multiply_by_derivative(ActivationOf<R> f, const R* a, const R* d_a, R* d_z, Index n) {
  if (f.kind == Activation::linear) {
    if (d_a != d_z) std::memcpy(d_z, d_a, n * sizeof(R));
    return;
  }
  with_activation(f.kind, [&](auto constant) {
    for (Index i = 0; i < n; i += lanes<R>)
      store(d_z + i, load(d_a + i) * derivative<R, decltype(constant)::value>(load(a + i), f.p, f.q));
  });
}

}  // namespace deltarule::DELTARULE_LEVEL
