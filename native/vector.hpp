// Vectors of 32 bytes: loads, sums over lanes, and eᶻ.
//
// One width for all levels: v4 has more registers than v3, not wider vectors, so both give the same bits.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#pragma GCC diagnostic ignored "-Wpsabi"  // nothing here passes a vector to another object file
#define INLINE inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

namespace deltarule::DELTARULE_LEVEL {

using Index = std::int64_t;

template <class R> struct Types;
template <> struct Types<float> {
  typedef float Vector __attribute__((vector_size(32)));
  typedef float Memory __attribute__((vector_size(32), aligned(4), may_alias));
  typedef std::uint32_t Bits __attribute__((vector_size(32)));
  static constexpr int mantissa = 23, terms = 7;
  static constexpr float bias = 127, round = 12582912.0f, lowest = -87.0f;  // round = 1.5 · 2²³
  static constexpr float log2e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
};
template <> struct Types<double> {
  typedef double Vector __attribute__((vector_size(32)));
  typedef double Memory __attribute__((vector_size(32), aligned(8), may_alias));
  typedef std::uint64_t Bits __attribute__((vector_size(32)));
  static constexpr int mantissa = 52, terms = 13;
  static constexpr double bias = 1023, round = 6755399441055744.0, lowest = -708.0;  // round = 1.5 · 2⁵²
  static constexpr double log2e = 1.4426950408889634, ln2_high = 0.693145751953125, ln2_low = 1.42860682030941723e-6;
};
template <class R> using Vector = typename Types<R>::Vector;
template <class R> constexpr int lanes = 32 / sizeof(R);
template <class R> constexpr int line = 2 * lanes<R>;  // 64 bytes

INLINE constexpr Index round_up(Index n, Index to) { return (n + to - 1) / to * to; }

template <class R> INLINE Vector<R> load(const R* p) { return *reinterpret_cast<const typename Types<R>::Memory*>(p); }
template <class R> INLINE void store(R* p, Vector<R> v) { *reinterpret_cast<typename Types<R>::Memory*>(p) = v; }
template <class R> INLINE Vector<R> spread(R x) { return x - Vector<R>{}; }

// The L × L matrix of L vectors, rows for columns.
INLINE void transpose(Vector<double> (&a)[4]) {
  auto p = __builtin_shufflevector(a[0], a[1], 0, 4, 2, 6), q = __builtin_shufflevector(a[0], a[1], 1, 5, 3, 7);
  auto r = __builtin_shufflevector(a[2], a[3], 0, 4, 2, 6), s = __builtin_shufflevector(a[2], a[3], 1, 5, 3, 7);
  a[0] = __builtin_shufflevector(p, r, 0, 1, 4, 5), a[1] = __builtin_shufflevector(q, s, 0, 1, 4, 5);
  a[2] = __builtin_shufflevector(p, r, 2, 3, 6, 7), a[3] = __builtin_shufflevector(q, s, 2, 3, 6, 7);
}
INLINE void transpose(Vector<float> (&a)[8]) {
  Vector<float> t[8], u[8];
  UNROLL for (int i = 0; i < 8; i += 2) {
    t[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; i += 4) UNROLL for (int j = 0; j < 2; j++) {
    u[i + j] = __builtin_shufflevector(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    u[i + j + 2] = __builtin_shufflevector(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    a[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    a[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// The sums over the lanes of L vectors, as one vector.
template <class R> INLINE Vector<R> sums(Vector<R> (&a)[lanes<R>]) {
  transpose(a);
  UNROLL for (int n = lanes<R> / 2; n; n /= 2) UNROLL for (int i = 0; i < n; i++) a[i] = a[i] + a[i + n];
  return a[0];
}

// z = n ln 2 + r with |r| ≤ ½ ln 2, for z ≤ 0; returns 2ⁿ and the first terms of (eʳ − 1)/r, Taylor's series.
template <class R> INLINE Vector<R> reduce(Vector<R> z, Vector<R>& r, Vector<R>& power) {
  using T = Types<R>;
  const Vector<R> low = spread(T::lowest), x = z < low ? low : z;  // a NaN stays
  const Vector<R> t = x * T::log2e + T::round, n = t - T::round;
  r = x - n * T::ln2_high - n * T::ln2_low;
  power = (Vector<R>)(((typename T::Bits)t << T::mantissa) + (typename T::Bits)spread(R(1)));
  Vector<R> p = spread(R(1));
  UNROLL for (int k = T::terms; k > 1; k--) p = p * r * R(1.0 / k) + R(1);
  return p;
}
// eᶻ − 1 = 2ⁿ (eʳ − 1) + (2ⁿ − 1) for z ≤ 0.
template <class R> INLINE Vector<R> expm1_of_negative(Vector<R> z) {
  Vector<R> r, power;
  const Vector<R> p = reduce<R>(z, r, power);
  return z < spread(Types<R>::lowest) ? spread(R(-1)) : power * (p * r) + (power - R(1));
}
// eᶻ = 2ⁿ eʳ for z ≤ 0; 0 below −87 (float) and −708 (double).
template <class R> INLINE Vector<R> exp_of_negative(Vector<R> z) {
  Vector<R> r, power;
  const Vector<R> p = reduce<R>(z, r, power);
  return z < spread(Types<R>::lowest) ? Vector<R>{} : power * (p * r + R(1));
}

}  // namespace
