// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Force-included (-include) into every unit of a model, Verilator's runtime too.
// It takes over what Verilator would print or do to the process, and the
// registration of coverage points.
#pragma once
#ifdef __cplusplus
#include <cstdint>

namespace cosim {
int hook_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
void hook_cover_point(uint32_t* count, const char* const* keys_and_values, int n);
}  // namespace cosim

// Verilator's headers do not declare it although it may be replaced.
void vl_stop_maybe(const char* file, int line, const char* hier, bool maybe);

#define VL_PRINTF cosim::hook_printf

#ifdef COSIM_COVERAGE
#include <initializer_list>
#include <string>
#include <vector>

#include "verilated_cov.h"

namespace cosim {
inline std::string hook_text(const char* text) { return text; }
inline std::string hook_text(const std::string& text) { return text; }
inline std::string hook_text(int value) { return std::to_string(value); }

template <class... Pairs>
void hook_cover_pairs(uint32_t* count, const Pairs&... pairs) {
    const std::string texts[] = {hook_text(pairs)...};
    const char* pointers[sizeof...(pairs)];
    for (size_t i = 0; i < sizeof...(pairs); ++i) pointers[i] = texts[i].c_str();
    hook_cover_point(count, pointers, static_cast<int>(sizeof...(pairs)));
}

// Verilator 5.048 passes the module's name before the counter, 5.006 does not.
template <class... Pairs>
void hook_cover(VerilatedCovContext*, uint32_t* count, const Pairs&... pairs) {
    hook_cover_pairs(count, pairs...);
}
template <class Name, class... Pairs>
void hook_cover(VerilatedCovContext*, const Name&, uint32_t* count, const Pairs&... pairs) {
    hook_cover_pairs(count, pairs...);
}
}  // namespace cosim

#undef VL_COVER_INSERT
#define VL_COVER_INSERT(...) cosim::hook_cover(__VA_ARGS__)
#endif  // COSIM_COVERAGE
#endif  // __cplusplus
