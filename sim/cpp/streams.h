// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The packet streams and the cause port, one object each: what goes onto the
// pins in a cycle and what the handshake of that cycle means.
#pragma once
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "archive.h"
#include "pins.h"
#include "rng.h"
#include "sink.h"

namespace cosim {

// Whether a channel stalls in this cycle: `share` of 256, 255 meaning always.
inline bool stalled(uint8_t share, uint8_t draw) { return share == 255 || draw < share; }

// Link partner to device.
template <class Top>
class Downstream {
  public:
    static constexpr size_t kWords = port_words<decltype(Top::rx_data_i)>();

    void push(const uint32_t header[4], bool has_prefix, uint32_t prefix, const uint32_t* data, size_t words,
              uint64_t not_before) {
        Pending p{};
        std::memcpy(p.header, header, sizeof p.header);
        p.prefix = prefix;
        p.has_prefix = has_prefix;
        p.words = words;
        p.not_before = not_before;
        queue_.push_back(p);
        data_.insert(data_.end(), data, data + words);
    }

    // Called before the clock edge of cycle `now`; true if it shows a new beat.
    bool drive(Top& top, uint64_t now, uint8_t gap, uint8_t draw, Rng& noise) {
        if (top.rx_valid_i) return false;  // a beat stays until it is taken
        if (queue_.front().not_before > now || stalled(gap, draw)) return false;
        const Pending& p = queue_.front();
        const size_t left = p.words - sent_;
        const size_t count = left < kWords ? left : kWords;
        top.rx_valid_i = 1;
        top.rx_sop_i = sent_ == 0;
        top.rx_eop_i = left <= kWords;
        top.rx_keep_i = keep_of(count);
        for (size_t i = 0; i < count; ++i) set_word(top.rx_data_i, i, data_[data_front_ + sent_ + i]);
        if (sent_ == 0) {
            for (size_t i = 0; i < 4; ++i) set_word(top.rx_hdr_i, 3 - i, p.header[i]);
            top.rx_prefix_valid_i = p.has_prefix;
            top.rx_prefix_i = p.has_prefix ? p.prefix : static_cast<uint32_t>(noise.next());
        }
        beat_words_ = count;
        return true;
    }

    // The beat shown has been taken in this cycle. True on a packet's last.
    // What valid no longer covers then carries noise: a device that reads it
    // must not go unnoticed because it always finds zeros or the last packet.
    bool taken(Top& top, Rng& noise) {
        const bool last = top.rx_eop_i;
        sent_ += beat_words_;
        if (last) {
            data_front_ += sent_;
            sent_ = 0;
            queue_.pop_front();
            ++taken_;
            if (queue_.empty()) {
                data_.clear();
                data_front_ = 0;
            } else if (data_front_ > 65536) {
                data_.erase(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(data_front_));
                data_front_ = 0;
            }
        }
        release(top, noise);
        return last;
    }

    void release(Top& top, Rng& noise) {
        top.rx_valid_i = 0;
        const uint64_t r = noise.next();
        top.rx_sop_i = r & 1;
        top.rx_eop_i = r >> 1 & 1;
        top.rx_keep_i = keep_of(kWords) & static_cast<uint32_t>(r >> 8);
        top.rx_prefix_valid_i = r >> 2 & 1;
        top.rx_prefix_i = static_cast<uint32_t>(r >> 32);
        for (size_t i = 0; i < 4; ++i) set_word(top.rx_hdr_i, i, static_cast<uint32_t>(noise.next() >> 32));
        for (size_t i = 0; i < kWords; ++i) set_word(top.rx_data_i, i, static_cast<uint32_t>(noise.next() >> 32));
    }

    void drop(Top& top, Rng& noise) {
        taken_ += queue_.size();  // numbers count pushed packets, dropped ones included
        queue_.clear();
        data_.clear();
        data_front_ = 0;
        sent_ = 0;
        release(top, noise);
    }

    bool empty() const { return queue_.empty(); }
    uint64_t taken_count() const { return taken_; }

    template <class Archive>
    void archive(Archive& a) {
        a.sequence(queue_);
        a.sequence(data_);
        a.plain(data_front_);
        a.plain(sent_);
        a.plain(beat_words_);
        a.plain(taken_);
    }

  private:
    struct Pending {
        uint32_t header[4];
        uint32_t prefix;
        bool has_prefix;
        uint64_t words;
        uint64_t not_before;
    };

    std::deque<Pending> queue_;
    std::vector<uint32_t> data_;  // of all queued packets, in order
    uint64_t data_front_ = 0;     // where the first one's begins
    uint64_t sent_ = 0;           // words of the first packet already taken
    uint64_t beat_words_ = 0;     // words of the beat on the pins
    uint64_t taken_ = 0;
};

// Device to link partner. Also judges the pins: framing, keep, and that a beat
// which was not taken stays as it is.
template <class Top>
class Upstream {
  public:
    static constexpr size_t kWords = port_words<decltype(Top::tx_data_o)>();

    uint32_t header[4] = {};
    uint32_t prefix = 0;
    bool has_prefix = false;
    std::vector<uint32_t> data;

    // Called in a cycle in which tx_valid_o is 1. True when a packet is complete.
    bool sample(Top& top, Sink& sink) {
        if (waiting_) check_stable(top, sink);
        if (!top.tx_ready_i) {
            if (!waiting_) remember(top);
            waiting_ = true;
            return false;
        }
        waiting_ = false;
        if (top.tx_sop_o) {
            if (open_) sink.error("tx: sop inside a packet");
            open_ = true;
            data.clear();
            for (size_t i = 0; i < 4; ++i) header[i] = get_word(top.tx_hdr_o, 3 - i);
            has_prefix = top.tx_prefix_valid_o;
            prefix = has_prefix ? static_cast<uint32_t>(top.tx_prefix_o) : 0;
        } else if (!open_) {
            sink.error("tx: beat without sop outside a packet");
            return false;
        }
        const uint32_t keep = top.tx_keep_o;
        size_t count = 0;
        while (count < kWords && (keep >> count & 1)) ++count;
        if (keep != keep_of(count)) sink.error("tx: keep is not contiguous from word 0");
        if (!top.tx_eop_o && count != kWords) sink.error("tx: gap in a beat that is not the last");
        for (size_t i = 0; i < count; ++i) data.push_back(get_word(top.tx_data_o, i));
        if (!top.tx_eop_o) return false;
        open_ = false;
        return true;
    }

    // Called in a cycle in which tx_valid_o is 0.
    void idle(Sink& sink) {
        if (waiting_) sink.error("tx: valid dropped before ready");
        waiting_ = false;
    }

    void drop() {
        open_ = false;
        waiting_ = false;
        data.clear();
    }

    template <class Archive>
    void archive(Archive& a) {
        a.plain(header);
        a.plain(prefix);
        a.plain(has_prefix);
        a.sequence(data);
        a.plain(open_);
        a.plain(waiting_);
        a.plain(seen_);
    }

  private:
    struct Beat {
        uint32_t flags;
        uint32_t keep;
        uint32_t prefix;
        uint32_t header[4];
        uint32_t data[kWords];
    };

    // Only what means something: header and prefix beside sop, data under keep.
    static Beat beat(Top& top) {
        Beat b{};
        b.flags = static_cast<uint32_t>(top.tx_sop_o) | static_cast<uint32_t>(top.tx_eop_o) << 1;
        b.keep = top.tx_keep_o;
        if (top.tx_sop_o) {
            b.flags |= static_cast<uint32_t>(top.tx_prefix_valid_o) << 2;
            if (top.tx_prefix_valid_o) b.prefix = top.tx_prefix_o;
            for (size_t i = 0; i < 4; ++i) b.header[i] = get_word(top.tx_hdr_o, i);
        }
        for (size_t i = 0; i < kWords; ++i) {
            if (b.keep >> i & 1) b.data[i] = get_word(top.tx_data_o, i);
        }
        return b;
    }

    void remember(Top& top) { seen_ = beat(top); }

    void check_stable(Top& top, Sink& sink) {
        const Beat now = beat(top);
        if (std::memcmp(&now, &seen_, sizeof now) == 0) return;
        sink.error("tx: beat changed before it was taken");
        seen_ = now;
    }

    bool open_ = false;
    bool waiting_ = false;  // a beat was shown and not taken
    Beat seen_{};
};

// User logic to device.
template <class Top>
class CausePort {
  public:
    void push(bool withdraw, uint32_t store, uint32_t index, uint64_t not_before) {
        queue_.push_back({not_before, index, static_cast<uint8_t>(store), static_cast<uint8_t>(withdraw)});
    }

    // As Downstream::drive.
    bool drive(Top& top, uint64_t now, uint8_t gap, uint8_t draw) {
        if (top.cause_valid_i) return false;
        if (queue_.front().not_before > now || stalled(gap, draw)) return false;
        const Pending& p = queue_.front();
        top.cause_valid_i = 1;
        top.cause_withdraw_i = p.withdraw;
        top.cause_store_i = p.store;
        top.cause_index_i = p.index;
        return true;
    }

    void taken(Top& top, Rng& noise) {
        queue_.pop_front();
        ++taken_;
        release(top, noise);
    }

    void release(Top& top, Rng& noise) {
        const uint64_t r = noise.next();
        top.cause_valid_i = 0;
        top.cause_withdraw_i = r & 1;
        top.cause_store_i = r >> 1 & 3;
        top.cause_index_i = static_cast<uint32_t>(r >> 44);
    }

    void drop(Top& top, Rng& noise) {
        taken_ += queue_.size();
        queue_.clear();
        release(top, noise);
    }

    bool empty() const { return queue_.empty(); }
    uint64_t taken_count() const { return taken_; }

    template <class Archive>
    void archive(Archive& a) {
        a.sequence(queue_);
        a.plain(taken_);
    }

  private:
    struct Pending {
        uint64_t not_before;
        uint32_t index;
        uint8_t store;
        uint8_t withdraw;
    };

    std::deque<Pending> queue_;
    uint64_t taken_ = 0;
};

}  // namespace cosim
