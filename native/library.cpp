// The exported functions, and the choice of the instruction level. Compiled once, for the plainest processor.

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "team.hpp"

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

constexpr int32_t version = 7;  // of the exported functions; VERSION in native_library.py is the same

}  // namespace

namespace deltarule {

#if defined(__x86_64__)

#define LEVEL(name)                   \
  namespace name {                    \
  const char* level();                \
  int32_t run(Job&, RunParts, void*); \
  }
LEVEL(v2)
LEVEL(v3) LEVEL(v4)

    namespace {
  // Read the registers by CPUID itself: __builtin_cpu_supports needs a run-time library that not every compiler has.
  struct Processor {
    unsigned leaf_1_c = 0, leaf_7_b = 0, extended_c = 0, saved = 0;

    Processor() {
      unsigned a, b, c, d;
      if (__get_cpuid(1, &a, &b, &c, &d)) leaf_1_c = c;
      if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) leaf_7_b = b;
      if (__get_cpuid(0x80000001u, &a, &b, &c, &d)) extended_c = c;
      if (leaf_1_c & bit_OSXSAVE) {  // which registers the operating system saves: XGETBV
        unsigned high;
        __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
      }
    }

    bool has(unsigned leaf_1, unsigned leaf_7, unsigned extended, unsigned registers) const {
      return (leaf_1_c & leaf_1) == leaf_1 && (leaf_7_b & leaf_7) == leaf_7 && (extended_c & extended) == extended &&
             (saved & registers) == registers;
    }
  };

  constexpr unsigned lahf = 1u << 0, lzcnt = 1u << 5;  // of the extended leaf
  constexpr unsigned of_v2 = bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B;
  constexpr unsigned of_v3 = of_v2 | bit_AVX | bit_F16C | bit_FMA | bit_MOVBE | bit_OSXSAVE;
  constexpr unsigned of_v3_leaf_7 = bit_AVX2 | bit_BMI | bit_BMI2;
  constexpr unsigned of_v4_leaf_7 =
      of_v3_leaf_7 | bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;

}  // namespace

using Run = int32_t (*)(Job&, RunParts, void*);
struct Level {
  const char* name;
  Run run;
};

// The best level of this processor, or the one with this name if the processor has it.
Level choose_level(const char* name = "") {
  const Processor processor;
  const auto fits = [&](const char* level) { return !*name || !std::strcmp(name, level); };
  if (fits("v4") && processor.has(of_v3, of_v4_leaf_7, lahf | lzcnt, 0xe6)) return {v4::level(), v4::run};
  if (fits("v3") && processor.has(of_v3, of_v3_leaf_7, lahf | lzcnt, 0x06)) return {v3::level(), v3::run};
  if (fits("v2") && processor.has(of_v2, 0, lahf, 0)) return {v2::level(), v2::run};
  return {"", nullptr};
}

#else

namespace neon {
const char* level();
int32_t run(Job&, RunParts, void*);
}  // namespace neon

struct Level {
  const char* name;
  int32_t (*run)(Job&, RunParts, void*);
};

Level choose_level(const char* name = "") {
  return *name && std::strcmp(name, neon::level()) ? Level{"", nullptr} : Level{neon::level(), neon::run};
}

#endif

}  // namespace deltarule

EXPORTED int32_t deltarule_version(void) { return version; }

// Name the level chosen for this processor; "" where it is older than all of them.
EXPORTED const char* deltarule_level(void) { return deltarule::choose_level().name; }

// Name the compiler: another one may round the last bits otherwise.
EXPORTED const char *deltarule_compiler(void) { return __VERSION__; }

namespace {

deltarule::Team team;

}  // namespace

// Do a job at this level ("": the best one). Returns an Outcome; the results are in the job and its arrays.
EXPORTED int32_t deltarule_run(deltarule::Job* job, const char* level) {
  const auto chosen = deltarule::choose_level(level);
  if (!chosen.run) return deltarule::Outcome::not_built;
  static const int registered = pthread_atfork(nullptr, nullptr, [] { team.forget(); });
  (void)registered;
  const bool entered = job->parts > 1 && team.enter(static_cast<int>(job->parts));
  const auto run_parts = [](void* of, int parts, deltarule::Work work, void* context) {
    auto* const its = static_cast<deltarule::Team*>(of);
    if (its) return parts ? its->run(parts, work, context) : its->end_step();
    for (int part = 0; part < parts; part++) work(context, part);
  };
  const int32_t outcome = chosen.run(*job, run_parts, entered ? &team : nullptr);
  if (entered) team.leave();
  return outcome;
}
