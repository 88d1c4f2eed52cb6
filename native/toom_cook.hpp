// Toom–Cook convolution along a row: n neighbours of a kernel of k weights from n + k − 1 products instead of n · k.
//
// With polynomials: the products at the points 0, ±1, ±2, ±½, ∞ determine the result. As matrices,
// z = Aᵀ [(G w) ⊙ (Bᵀ x)] (S. Winograd, Arithmetic Complexity of Computations, 1980).
#pragma once
#include "vector.hpp"

namespace deltarule::DELTARULE_LEVEL {

struct ToomCook {
  static constexpr int most = 8;
  int outputs = 0, kernel = 0, products = 0;
  double a[most][most] = {}, b[most][most] = {}, g[most][most] = {};  // a[t][output], b[t][input], g[t][weight]

  constexpr ToomCook() = default;
  // Lagrange interpolation: row t of B holds the coefficients of Π (x − p_i), i ≠ t; G row t is divided by Π (p_t −
  // p_i).
  constexpr ToomCook(int outputs_, int kernel_) : outputs(outputs_), kernel(kernel_), products(outputs_ + kernel_ - 1) {
    constexpr double points[] = {0, 1, -1, 2, -2, 0.5, -0.5};
    const int n = products, finite = n - 1;
    double all[most + 1] = {1};  // Π (x − p_i) over all finite points
    for (int i = 0; i < finite; i++)
      for (int j = i + 1; j >= 0; j--) all[j] = (j ? all[j - 1] : 0) - points[i] * all[j];
    for (int t = 0; t < finite; t++) {
      double rest = 1, power = 1;
      for (int i = 0; i < finite; i++)
        if (i != t) rest *= points[t] - points[i];
      double quotient[most] = {};  // all / (x − p_t), by synthetic division
      quotient[finite - 1] = all[finite];
      for (int j = finite - 1; j > 0; j--) quotient[j - 1] = all[j] + points[t] * quotient[j];
      for (int j = 0; j < n; j++) b[t][j] = j < finite ? quotient[j] : 0;
      for (int j = 0; j < most; j++, power *= points[t]) {
        if (j < outputs) a[t][j] = power;
        if (j < kernel) g[t][j] = power / rest;
      }
    }
    for (int j = 0; j < most; j++) {
      a[finite][j] = j == outputs - 1, g[finite][j] = j == kernel - 1;
      b[finite][j] = all[j];
    }
  }

  // The outputs for rows of n numbers: 0 where the products by definition are as good.
  static int choose_outputs(std::int64_t n, std::int64_t kernel_) {
    return kernel_ != 3 && kernel_ != 5 ? 0 : n % 4 == 0 ? 4 : n % 2 == 0 ? 2 : 0;
  }
  // Call f with the matrices as a compile-time constant: f(Matrices<outputs, kernel>()).
  template <class F> void with_constant(F f) const;
};

template <int outputs, int kernel> struct Matrices {
  static constexpr ToomCook value{outputs, kernel};
};
template <class F> INLINE void ToomCook::with_constant(F f) const {
  if (kernel == 5) return outputs == 4 ? f(Matrices<4, 5>()) : f(Matrices<2, 5>());
  return outputs == 4 ? f(Matrices<4, 3>()) : f(Matrices<2, 3>());
}

// result[r] = Σ_i matrix[r][i] · x[i] (or its transpose), for the rows and columns that are there; zeros cost nothing
template <class R, int rows, int columns, bool transposed>
INLINE void combine(const double (&matrix)[ToomCook::most][ToomCook::most], const Vector<R>* x, Vector<R>* result) {
  UNROLL for (int r = 0; r < rows; r++) {
    Vector<R> sum = {};
    UNROLL for (int i = 0; i < columns; i++) {
      const double factor = transposed ? matrix[i][r] : matrix[r][i];
      if (factor != 0) sum = sum + R(factor) * x[i];
    }
    result[r] = sum;
  }
}

}  // namespace
