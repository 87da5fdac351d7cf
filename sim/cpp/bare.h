// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// A run's input pins as a file, and the barest loop that replays them: what the
// simulator alone costs, to set the cost of the whole bench against.
//
// File: "IMSPINS1", data words per beat (u32), seed (u32), rand_reset (u32),
// reserved (u32); then records {cycles since the record before (u32), mask of
// the words that change (u32), those words}. A record with mask 0 ends the file.
// All numbers little-endian.
#pragma once
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "model_api.h"
#include "pins.h"

namespace cosim {

inline constexpr char kPinsMagic[8] = {'I', 'M', 'S', 'P', 'I', 'N', 'S', '1'};

struct PinsHeader {
    char magic[8];
    uint32_t data_words;
    uint32_t seed;
    uint32_t rand_reset;
    uint32_t reserved;
};

// All inputs but the clock in 32-bit words: 0 control and credits that are
// narrow, 1 and 2 the rest of the credits, 3 cause port, 4 prefix, 5-8 header, 9.. data.
template <class Top>
struct InputPins {
    static constexpr size_t kData = port_words<decltype(Top::rx_data_i)>();
    static constexpr size_t kWords = 9 + kData;
    static_assert(kWords <= 32, "a record's mask has 32 bits");

    uint32_t w[kWords] = {};

    void read(Top& t) {
        w[0] = t.rst_ni | t.hot_rst_i << 1 | t.rx_valid_i << 2 | t.rx_sop_i << 3 | t.rx_eop_i << 4 |
               t.rx_prefix_valid_i << 5 | t.tx_ready_i << 6 | static_cast<uint32_t>(t.fc_infinite_i) << 8 |
               static_cast<uint32_t>(t.rx_keep_i) << 16;
        w[1] = t.fc_ph_limit_i | t.fc_nph_limit_i << 8 | t.fc_cplh_limit_i << 16;
        // Three 12-bit limits: the third is split over words 1 and 2.
        w[1] |= static_cast<uint32_t>(t.fc_cpld_limit_i & 0xff) << 24;
        w[2] = t.fc_pd_limit_i | static_cast<uint32_t>(t.fc_npd_limit_i) << 12 |
               static_cast<uint32_t>(t.fc_cpld_limit_i >> 8) << 24;
        w[3] = t.cause_valid_i | t.cause_withdraw_i << 1 | t.cause_store_i << 2 |
               static_cast<uint32_t>(t.cause_index_i) << 8;
        w[4] = t.rx_prefix_i;
        for (size_t i = 0; i < 4; ++i) w[5 + i] = get_word(t.rx_hdr_i, i);
        for (size_t i = 0; i < kData; ++i) w[9 + i] = get_word(t.rx_data_i, i);
    }

    void write(Top& t, size_t i) const {
        const uint32_t v = w[i];
        switch (i) {
            case 0:
                t.rst_ni = v & 1;
                t.hot_rst_i = v >> 1 & 1;
                t.rx_valid_i = v >> 2 & 1;
                t.rx_sop_i = v >> 3 & 1;
                t.rx_eop_i = v >> 4 & 1;
                t.rx_prefix_valid_i = v >> 5 & 1;
                t.tx_ready_i = v >> 6 & 1;
                t.fc_infinite_i = v >> 8 & 0x3f;
                t.rx_keep_i = v >> 16;
                break;
            case 1:
                t.fc_ph_limit_i = v & 0xff;
                t.fc_nph_limit_i = v >> 8 & 0xff;
                t.fc_cplh_limit_i = v >> 16 & 0xff;
                t.fc_cpld_limit_i = (t.fc_cpld_limit_i & 0xf00) | (v >> 24);
                break;
            case 2:
                t.fc_pd_limit_i = v & 0xfff;
                t.fc_npd_limit_i = v >> 12 & 0xfff;
                t.fc_cpld_limit_i = (t.fc_cpld_limit_i & 0xff) | (v >> 24 & 0xf) << 8;
                break;
            case 3:
                t.cause_valid_i = v & 1;
                t.cause_withdraw_i = v >> 1 & 1;
                t.cause_store_i = v >> 2 & 3;
                t.cause_index_i = v >> 8 & 0xfffff;
                break;
            case 4: t.rx_prefix_i = v; break;
            case 5: case 6: case 7: case 8: set_word(t.rx_hdr_i, i - 5, v); break;
            default: set_word(t.rx_data_i, i - 9, v);
        }
    }
};

// A digest over the beats that leave, so that a replay can prove that it was one.
template <class Top>
inline void mix_output(Top& t, uint64_t& digest) {
    digest = (digest ^ get_word(t.tx_hdr_o, 3) ^ static_cast<uint64_t>(get_word(t.tx_data_o, 0)) << 32) *
             0x100000001b3u;
}

template <class Top>
class PinRecorder {
  public:
    ~PinRecorder() {
        uint64_t digest;
        close(0, &digest);
    }

    bool open(const char* path, uint32_t seed, uint32_t rand_reset) {
        file_ = std::fopen(path, "wb");
        if (!file_) return false;
        PinsHeader h{};
        std::memcpy(h.magic, kPinsMagic, sizeof h.magic);
        h.data_words = static_cast<uint32_t>(InputPins<Top>::kData);
        h.seed = seed;
        h.rand_reset = rand_reset;
        ok_ = std::fwrite(&h, sizeof h, 1, file_) == 1;
        last_tick_ = 0;
        digest_ = 0;
        first_ = true;
        return ok_;
    }

    bool close(uint64_t now, uint64_t* digest) {
        if (!file_) return false;
        put(now - last_tick_, 0, nullptr);
        ok_ = std::fclose(file_) == 0 && ok_;
        file_ = nullptr;
        *digest = digest_;
        return ok_;
    }

    void cycle(Top& top, uint64_t now) {
        if (!file_) [[likely]] return;
        if (top.tx_valid_o && top.tx_ready_i) mix_output(top, digest_);
        InputPins<Top> pins;
        pins.read(top);
        uint32_t mask = 0;
        uint32_t changed[InputPins<Top>::kWords];
        size_t n = 0;
        for (size_t i = 0; i < InputPins<Top>::kWords; ++i) {
            if (pins.w[i] == last_.w[i] && !first_) continue;
            mask |= 1u << i;
            changed[n++] = pins.w[i];
        }
        first_ = false;
        last_ = pins;
        if (mask == 0) return;
        put(now - last_tick_, mask, changed);
        last_tick_ = now;
    }

  private:
    void put(uint64_t cycles, uint32_t mask, const uint32_t* words) {
        const uint32_t head[2] = {static_cast<uint32_t>(cycles), mask};
        ok_ = cycles <= 0xffffffff && std::fwrite(head, sizeof head, 1, file_) == 1 && ok_;
        const size_t n = static_cast<size_t>(__builtin_popcount(mask));
        if (n) ok_ = std::fwrite(words, 4, n, file_) == n && ok_;
    }

    std::FILE* file_ = nullptr;
    bool ok_ = false;
    bool first_ = true;
    uint64_t last_tick_ = 0;
    uint64_t digest_ = 0;
    InputPins<Top> last_;
};

// Replays `records` (the file behind its header) on a fresh model.
template <class Top>
bool bare_loop(Top& top, const std::vector<uint32_t>& records, BareResult* out) {
    InputPins<Top> pins;
    size_t at = 0;
    *out = {};
    const auto start = std::chrono::steady_clock::now();
    uint64_t up_beats = 0;
    uint64_t digest = 0;
    uint64_t cycles = 0;
    for (;;) {
        if (at + 2 > records.size()) return false;
        const uint32_t gap = records[at];
        uint32_t mask = records[at + 1];
        at += 2;
        for (uint32_t i = 0; i < gap; ++i) {
            // No input changes but in a record's first cycle.
            if (i == 0 || !rearm(top)) {
                top.clk_i = 0;
                top.eval();
            }
            if (top.tx_valid_o && top.tx_ready_i) {
                ++up_beats;
                mix_output(top, digest);
            }
            top.clk_i = 1;
            top.eval();
        }
        cycles += gap;
        if (mask == 0) break;
        if (at + static_cast<size_t>(__builtin_popcount(mask)) > records.size()) return false;
        for (; mask; mask &= mask - 1) {
            const auto i = static_cast<size_t>(__builtin_ctz(mask));
            if (i >= InputPins<Top>::kWords) return false;
            pins.w[i] = records[at++];
            pins.write(top, i);
        }
    }
    out->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    out->cycles = cycles;
    out->up_beats = up_beats;
    out->digest = digest;
    return true;
}

}  // namespace cosim
