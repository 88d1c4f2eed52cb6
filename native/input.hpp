// The input of a program: examples as rows, or as lists of the numbers that are not 0.
#pragma once
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "dense.hpp"
#include "job.hpp"

namespace deltarule::DELTARULE_LEVEL {

#ifdef __AVX512F__
// Which of 16 numbers are not 0.
INLINE __mmask16 test_nonzero(const std::uint8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm_test_epi8_mask(bytes, bytes);
}
INLINE __mmask16 test_nonzero(const float* from) {
  return _mm512_cmp_ps_mask(_mm512_loadu_ps(from), _mm512_setzero_ps(), _CMP_NEQ_UQ);
}
template <class T> INLINE __mmask16 test_nonzero(const T* from) {
  unsigned some = 0;
  UNROLL for (int i = 0; i < 16; i++) some |= unsigned(from[i] != 0) << i;
  return __mmask16(some);
}
#elif defined(__AVX2__)
// Which of 8 numbers are not 0.
INLINE unsigned test_nonzero(const std::uint8_t* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return 255 & ~unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128())));
}
INLINE unsigned test_nonzero(const float* from) {
  return unsigned(_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(from), _mm256_setzero_ps(), _CMP_NEQ_UQ)));
}
template <class T> INLINE unsigned test_nonzero(const T* from) {
  unsigned some = 0;
  UNROLL for (int i = 0; i < 8; i++) some |= unsigned(from[i] != 0) << i;
  return some;
}
// The places of the bits that are 1 in each byte, in order.
struct PlacesOfBits {
  std::uint8_t of[256][8] = {};
  constexpr PlacesOfBits() {
    for (int byte = 0; byte < 256; byte++)
      for (int bit = 0, n = 0; bit < 8; bit++)
        if (byte >> bit & 1) of[byte][n++] = std::uint8_t(bit);
  }
};
inline constexpr PlacesOfBits places_of_bits;
#endif

// The places of the numbers that are not 0, in order; `to` has room for 16 more. Without a branch on the data: which
// numbers are 0 cannot be predicted.
template <class T> INLINE Index find_nonzero(const T* from, Index size, std::int32_t* to) {
  Index n = 0, i = 0;
#ifdef __AVX512F__
  __m512i place = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (; i + 16 <= size; i += 16) {
    const __mmask16 some = test_nonzero(from + i);
    _mm512_storeu_si512(to + n, _mm512_maskz_compress_epi32(some, place));
    n += __builtin_popcount(some);
    place = _mm512_add_epi32(place, _mm512_set1_epi32(16));
  }
#elif defined(__AVX2__)
  for (; i + 8 <= size; i += 8) {
    const unsigned some = test_nonzero(from + i);
    const __m128i within = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(places_of_bits.of[some]));
    const __m256i place = _mm256_add_epi32(_mm256_cvtepu8_epi32(within), _mm256_set1_epi32(int(i)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + n), place);
    n += __builtin_popcount(some);
  }
#endif
  for (; i < size; i++) to[n] = std::int32_t(i), n += from[i] != 0;
  return n;
}

// x / scale − mean of the examples of a block, as rows, or as lists of what is not 0 (then without the mean).
template <class R> struct Input : Layer<R> {
  const Job* job;
  Index size, stored;                   // numbers and bytes of a stored example
  const std::int32_t* order = nullptr;  // of this mini-batch, and of those after it:
  Index known = 0;                      // examples, in all
  R table[256];                         // of the values of a byte
  Sparse<R>* sparse = nullptr;
  bool needs_rows = true;

  void prepare() override {
    for (int i = 0; i < 256; i++) table[i] = R(i) / R(job->scale);
  }
  void forward(const Step<R>&, const Block& block) override {
    for (Index i = 0; i < block.count; i++) {
      const Index at = Index(order[block.first + i]) * size;
      if (const Index next = block.first + i + job->batch; next < known) prefetch(order[next]);
      with_type([&](auto x) {
        if (sparse) list(x + at, sparse[block.first + i]);
        if (needs_rows) copy(x + at, this->y.of(block) + i * this->y.stride);
      });
    }
  }
  // Call f with the address of the examples, as a pointer to their type.
  template <class F> void with_type(F f) const {
    switch (InputType(job->input_type)) {
      case InputType::i8: return f(static_cast<const std::int8_t*>(job->x));
      case InputType::u16: return f(static_cast<const std::uint16_t*>(job->x));
      case InputType::i16: return f(static_cast<const std::int16_t*>(job->x));
      case InputType::u32: return f(static_cast<const std::uint32_t*>(job->x));
      case InputType::i32: return f(static_cast<const std::int32_t*>(job->x));
      case InputType::f32: return f(static_cast<const float*>(job->x));
      case InputType::f64: return f(static_cast<const double*>(job->x));
      default: return f(static_cast<const std::uint8_t*>(job->x));  // bytes, and True or False
    }
  }
  // Order an example into the cache: the order is random, so the processor cannot foresee it.
  void prefetch(Index example) const {
    const char* from = static_cast<const char*>(job->x) + example * stored;
    for (Index byte = 0; byte < stored; byte += 64) __builtin_prefetch(from + byte);
  }
  Index place(Index i) const {
    return this->out.c == this->out.cp || this->out.pixels() == 1 ? i
                                                                  : i / this->out.c * this->out.cp + i % this->out.c;
  }
  INLINE R scaled(std::uint8_t x) const { return table[x]; }
  template <class T> INLINE R scaled(T x) const { return R(x) / R(job->scale); }
  template <class T> void copy(const T* from, R* to) const {
    const bool as_it_lies = place(size - 1) == size - 1;
    for (Index i = 0; i < size; i++) to[as_it_lies ? i : place(i)] = scaled(from[i]);
    if (job->has_mean)
      for (Index i = 0; i < size; i++) to[place(i)] -= R(job->mean);
  }
  template <class T> void list(const T* from, Sparse<R>& to) const {
    to.count = find_nonzero(from, size, to.offset);
    for (Index e = 0; e < to.count; e++) {
      const std::int32_t k = to.offset[e];
      to.value[e] = scaled(from[k]), to.offset[e] = k * line<R>;
    }
  }
};

}  // namespace
