// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Reads and writes of the device's pins, whatever type Verilator chose for a
// width: up to 64 bits an integer, above that an array of 32-bit words.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "build.h"
#include "verilated.h"

namespace cosim {

template <class Port>
inline constexpr size_t port_words() {
    return (sizeof(std::remove_reference_t<Port>) + 3) / 4;
}

inline void set_word(uint64_t& port, size_t i, uint32_t value) {
    const unsigned shift = static_cast<unsigned>(i) * 32;
    port = (port & ~(uint64_t{0xffffffff} << shift)) | (uint64_t{value} << shift);
}
template <std::size_t N>
inline void set_word(VlWide<N>& port, size_t i, uint32_t value) {
    port[i] = value;
}

inline uint32_t get_word(const uint64_t& port, size_t i) { return static_cast<uint32_t>(port >> (i * 32)); }
template <std::size_t N>
inline uint32_t get_word(const VlWide<N>& port, size_t i) {
    return port[i];
}

// All keep bits of a beat that carries `words` words.
inline uint32_t keep_of(size_t words) { return words >= 32 ? ~0u : (1u << words) - 1; }

// Makes Verilator take the next evaluation with clk_i = 1 for a rising edge
// without one with clk_i = 0 before it; false if this build cannot. The builder
// names Verilator's record of the clock's last level where the model has just
// one; waveforms and toggle coverage want to see the clock low.
template <class Top>
inline bool rearm([[maybe_unused]] Top& top) {
#ifdef COSIM_CLK_BEFORE
    top.rootp->COSIM_CLK_BEFORE = 0;
    return true;
#else
    return false;
#endif
}

}  // namespace cosim
