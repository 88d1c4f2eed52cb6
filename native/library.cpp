// The exported functions, and the choice of the instruction level. Compiled once, for the plainest processor.

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

constexpr int32_t version = 1;  // of the exported functions; VERSION in native_library.py is the same

}  // namespace

namespace deltarule {

#if defined(__x86_64__)

namespace v2 { const char *level(); }
namespace v3 { const char *level(); }
namespace v4 { const char *level(); }

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
constexpr unsigned of_v4_leaf_7 = of_v3_leaf_7 | bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;

}  // namespace

const char *choose_level() {
    const Processor processor;
    if (processor.has(of_v3, of_v4_leaf_7, lahf | lzcnt, 0xe6)) return v4::level();
    if (processor.has(of_v3, of_v3_leaf_7, lahf | lzcnt, 0x06)) return v3::level();
    if (processor.has(of_v2, 0, lahf, 0)) return v2::level();
    return "";
}

#else

namespace neon { const char *level(); }

const char *choose_level() { return neon::level(); }

#endif

}  // namespace deltarule

EXPORTED int32_t deltarule_version(void) { return version; }

// Name the level chosen for this processor; "" where it is older than all of them.
EXPORTED const char *deltarule_level(void) { return deltarule::choose_level(); }
