// Optimizers: w ← w − η g and its variants, lane by lane; g gets the gradient of the penalty first.
#pragma once
#include "vector.hpp"

namespace deltarule::DELTARULE_LEVEL {

enum class Rule { sgd, momentum, nesterov, adam };

// The numbers of one step. The state of w[i] is in first[i] (v or m), second[i] (s) and average[i].
template <class R> struct Optimizer {
  Rule rule;
  R eta, mu, beta1, beta2, rest1, rest2, epsilon, correction1, correction2;  // rest = 1 − β, correction = 1 / (1 − βᵗ)
  R l1, l2;                                                                  // λ/n
  bool has_l1, has_l2, averages, clips;
  R share;   // of w in its moving average
  R factor;  // of g, so that its length is at most that to which it is clipped
};

template <class R> struct State {
  R *first, *second, *average;
};

// g with the gradient of the penalty
template <class R> INLINE Vector<R> add_penalty(const Optimizer<R>& o, bool shrinks, Vector<R> w, Vector<R> g) {
  if (shrinks && o.has_l2) g = g + o.l2 * w;
  if (shrinks && o.has_l1) {
    const Vector<R> one = spread(R(1)), zero = {};
    g = g + o.l1 * (w > 0 ? one : w < 0 ? -one : zero);
  }
  return g;
}

template <class R, Rule rule>
INLINE void update_lanes(const Optimizer<R>& o, bool shrinks, R* w, Vector<R> g, const State<R>& state, Index i) {
  const Vector<R> old = load(w + i);
  g = add_penalty<R>(o, shrinks, old, g);
  if (o.clips) g = o.factor * g;
  Vector<R> next;
  if constexpr (rule == Rule::sgd) next = old - o.eta * g;
  if constexpr (rule == Rule::momentum || rule == Rule::nesterov) {
    const Vector<R> v = o.mu * load(state.first + i) - o.eta * g;
    store(state.first + i, v);
    next = rule == Rule::momentum ? old + v : old + o.mu * v - o.eta * g;
  }
  if constexpr (rule == Rule::adam) {
    const Vector<R> m = o.beta1 * load(state.first + i) + o.rest1 * g;
    const Vector<R> s = o.beta2 * load(state.second + i) + o.rest2 * g * g;
    store(state.first + i, m), store(state.second + i, s);
    const Vector<R> square = o.correction2 * s;
    Vector<R> root;
  UNROLL for (int l = 0; l < lanes<R>; l++) root[l] = std::sqrt(square[l]);
    next = old - (o.eta * o.correction1) * m / (root + o.epsilon);
  }
  store(w + i, next);
  if (o.averages) {
    const Vector<R> mean = load(state.average + i);
    store(state.average + i, mean + o.share * (next - mean));
  }
}

template <class F> INLINE void with_rule(Rule rule, F f) {
  switch (rule) {
    case Rule::sgd: return f(std::integral_constant<Rule, Rule::sgd>());
    case Rule::momentum: return f(std::integral_constant<Rule, Rule::momentum>());
    case Rule::nesterov: return f(std::integral_constant<Rule, Rule::nesterov>());
    case Rule::adam: return f(std::integral_constant<Rule, Rule::adam>());
  }
}

}  // namespace
