// Random bits as a hash of a key and a counter, the same as deltarule.core.random's, bit for bit.
#pragma once
#include <cstdint>

namespace deltarule::DELTARULE_LEVEL {

inline std::uint32_t mix(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x = (x ^ (x >> 15)) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

struct Key {
  static constexpr std::uint32_t golden = 0x9E3779B9u;
  std::uint32_t a, b;
  // The key of two words, before any number is folded in.
  static Key of(std::uint32_t first, std::uint32_t second) { return {mix(first + golden), mix(second + 2 * golden)}; }
  Key fold(std::uint32_t number) const {
    const std::uint32_t p = mix(a + (number + 1) * golden), q = mix(b + (number + 1) * 2 * golden);
    return {mix(p + 2 * q), mix(q + 2 * p)};
  }
  std::uint32_t bits(std::uint32_t counter) const { return mix(mix(counter * golden + a) ^ b); }
};

}  // namespace deltarule::DELTARULE_LEVEL
