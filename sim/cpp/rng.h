// SPDX-License-Identifier: Apache-2.0 OR MIT
#pragma once
#include <cstdint>

namespace cosim {

// xorshift64*: a few instructions, and the whole state is one word.
class Rng {
  public:
    explicit Rng(uint64_t seed = 0) { this->seed(seed); }

    void seed(uint64_t seed) {
        // One round of splitmix64, so that neighbouring seeds start far apart.
        seed += 0x9e3779b97f4a7c15u;
        seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
        seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebu;
        state_ = seed ^ (seed >> 31);
        if (state_ == 0) state_ = 1;
    }

    uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1du;
    }

    uint64_t state() const { return state_; }
    void set_state(uint64_t state) { state_ = state; }

  private:
    uint64_t state_ = 1;
};

}  // namespace cosim
