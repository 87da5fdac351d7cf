// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The flat buffer in which events cross to the loader; layout in model_api.h.
#pragma once
#include <string>
#include <vector>

#include "model_api.h"

namespace cosim {

class Events {
  public:
    void clear() { words_.clear(); }
    bool empty() const { return words_.empty(); }
    const uint32_t* data() const { return words_.data(); }
    size_t size() const { return words_.size(); }

    void number(EventKind kind, uint64_t tick, uint64_t n) {
        open(kind, tick, 2);
        words_.push_back(static_cast<uint32_t>(n));
        words_.push_back(static_cast<uint32_t>(n >> 32));
    }

    void cause_seen(uint64_t tick, bool withdraw, uint32_t store, uint32_t index) {
        open(EventKind::CauseSeen, tick, 2);
        words_.push_back((withdraw ? 1u : 0u) | store << 1);
        words_.push_back(index);
    }

    void msi_raised(uint64_t tick, uint32_t vector) {
        open(EventKind::MsiRaised, tick, 1);
        words_.push_back(vector);
    }

    void intx(uint64_t tick, bool level) {
        open(EventKind::Intx, tick, 1);
        words_.push_back(level ? 1 : 0);
    }

    void non_posted_limit(uint64_t tick, uint32_t limit) {
        open(EventKind::NonPostedLimit, tick, 1);
        words_.push_back(limit);
    }

    void up(uint64_t tick, bool has_prefix, uint32_t prefix, const uint32_t header[4],
            const std::vector<uint32_t>& data) {
        open(EventKind::Up, tick, 6 + data.size());
        words_.push_back(has_prefix ? 1 : 0);
        words_.push_back(prefix);
        words_.insert(words_.end(), header, header + 4);
        words_.insert(words_.end(), data.begin(), data.end());
    }

    void finding(uint64_t tick, Severity severity, const std::string& text) {
        const size_t text_words = (text.size() + 3) / 4;
        open(EventKind::Finding, tick, 2 + text_words);
        words_.push_back(static_cast<uint32_t>(severity));
        words_.push_back(static_cast<uint32_t>(text.size()));
        for (size_t w = 0; w < text_words; ++w) {
            uint32_t word = 0;
            for (size_t b = 0; b < 4 && w * 4 + b < text.size(); ++b) {
                word |= uint32_t{static_cast<uint8_t>(text[w * 4 + b])} << (8 * b);
            }
            words_.push_back(word);
        }
    }

  private:
    void open(EventKind kind, uint64_t tick, size_t payload) {
        words_.push_back(static_cast<uint32_t>(kind) | static_cast<uint32_t>(payload) << 8);
        words_.push_back(static_cast<uint32_t>(tick));
        words_.push_back(static_cast<uint32_t>(tick >> 32));
    }

    std::vector<uint32_t> words_;
};

}  // namespace cosim
