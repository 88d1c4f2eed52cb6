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

// What is added to a rule: nothing, the L2 penalty, or any of the penalties, clipping and averages.
enum class Extras { none, l2, any };

// The step of a parameter's numbers, with all that it needs at hand, so that no number has to look for it again.
template <class R, Rule rule, Extras extras> struct Update {
  Optimizer<R> o;
  bool shrinks;
  R* w;
  State<R> state;

  INLINE void operator()(Index i, Vector<R> g) const {
    const Vector<R> old = load(w + i);
    if constexpr (extras == Extras::l2) g = g + o.l2 * old;
    if constexpr (extras == Extras::any) {
      g = add_penalty<R>(o, shrinks, old, g);
      if (o.clips) g = o.factor * g;
    }
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
    if constexpr (extras == Extras::any)
      if (o.averages) {
        const Vector<R> mean = load(state.average + i);
        store(state.average + i, mean + o.share * (next - mean));
      }
  }
};

// Call f with the step of a parameter's numbers, which depends on the rule and on what is added to it.
template <class R, class F>
INLINE void with_update(const Optimizer<R>& o, bool shrinks, R* w, const State<R>& state, F f) {
  const auto with_extras = [&](auto rule) {
    constexpr Rule own = decltype(rule)::value;
    if (o.clips || o.averages || (shrinks && o.has_l1)) return f(Update<R, own, Extras::any>{o, shrinks, w, state});
    if (shrinks && o.has_l2) return f(Update<R, own, Extras::l2>{o, shrinks, w, state});
    f(Update<R, own, Extras::none>{o, shrinks, w, state});
  };
  switch (o.rule) {
    case Rule::sgd: return with_extras(std::integral_constant<Rule, Rule::sgd>());
    case Rule::momentum: return with_extras(std::integral_constant<Rule, Rule::momentum>());
    case Rule::nesterov: return with_extras(std::integral_constant<Rule, Rule::nesterov>());
    case Rule::adam: return with_extras(std::integral_constant<Rule, Rule::adam>());
  }
}

}  // namespace
