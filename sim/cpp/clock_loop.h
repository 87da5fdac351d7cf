// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The clock loop beside the model. One cycle is two evaluations:
//
//   clk = 0, inputs of the cycle   outputs settle: what the clock edge will see
//   clk = 1                        the edge
//
// Handshakes are sampled between the two. When no input has changed since the
// edge before, the outputs stand already and the first evaluation would only tell
// Verilator that the clock went low: `rearm` does that where it can, and such a
// cycle, an idle one for instance, takes one evaluation. The edge of tick n is at n cycles of
// 4 ns plus 2 ns in a waveform.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "events.h"
#include "model_api.h"
#include "rng.h"
#include "streams.h"
#include "verilated.h"

namespace cosim {

inline constexpr uint64_t kCyclePs = 4000;
inline constexpr unsigned kResetCycles = 16;

// Tracer is called with the time in ps after each evaluation, Recorder with the
// pins of each cycle; both may be empty types.
template <class Top, class Tracer, class Recorder>
class ClockLoop {
  public:
    ClockLoop(Top& top, VerilatedContext& context, Sink& sink, uint64_t seed)
        : top_(top), context_(context), sink_(sink), noise_(seed) {
        top_.clk_i = 0;
        top_.rst_ni = 0;  // unpowered until the first reset
        top_.hot_rst_i = 0;
        top_.tx_ready_i = 0;
        down_.release(top_, noise_);
        causes_.release(top_, noise_);
        const uint16_t none[6] = {};
        credits(none, 0x3f);
    }

    uint64_t now() const { return counters_.cycles; }
    const Counters& counters() const { return counters_; }
    Downstream<Top>& down() { return down_; }
    CausePort<Top>& causes() { return causes_; }
    Events& events() { return events_; }
    Tracer& tracer() { return tracer_; }
    Recorder& recorder() { return recorder_; }

    void credits(const uint16_t limit[6], uint8_t infinite) {
        changed_ = true;
        top_.fc_ph_limit_i = limit[0] & 0xff;
        top_.fc_pd_limit_i = limit[1] & 0xfff;
        top_.fc_nph_limit_i = limit[2] & 0xff;
        top_.fc_npd_limit_i = limit[3] & 0xfff;
        top_.fc_cplh_limit_i = limit[4] & 0xff;
        top_.fc_cpld_limit_i = limit[5] & 0xfff;
        top_.fc_infinite_i = infinite & 0x3f;
    }

    void pressure(uint8_t rx_gap, uint8_t tx_stall, uint8_t cause_gap, uint64_t seed) {
        rx_gap_ = rx_gap;
        tx_stall_ = tx_stall;
        cause_gap_ = cause_gap;
        stalls_.seed(seed);
    }

    void reset(bool hot) {
        changed_ = true;
        down_.drop(top_, noise_);
        causes_.drop(top_, noise_);
        top_.tx_ready_i = 0;
        top_.hot_rst_i = hot;
        top_.rst_ni = hot;
        for (unsigned i = 0; i < kResetCycles; ++i) {
            settle();
            edge();
            ++counters_.idle_cycles;
        }
        top_.hot_rst_i = 0;
        top_.rst_ni = 1;
        changed_ = true;
        up_.drop();
        limit_known_ = false;
        intx_ = false;
    }

    // Runs to `until`, at most to the end of a cycle that completed an upstream packet.
    void run(uint64_t until) {
        while (now() < until) {
            if (cycle()) return;
        }
    }

    template <class Archive>
    void archive(Archive& a) {
        a.plain(counters_);
        down_.archive(a);
        up_.archive(a);
        causes_.archive(a);
        a.plain(noise_);
        a.plain(stalls_);
        a.plain(rx_gap_);
        a.plain(tx_stall_);
        a.plain(cause_gap_);
        a.plain(limit_known_);
        a.plain(limit_);
        a.plain(intx_);
        a.plain(changed_);
    }

  private:
    void settle() {
        if (changed_ || !rearm(top_)) {
            top_.clk_i = 0;
            context_.time(now() * kCyclePs);
            top_.eval();
            changed_ = false;
        }
        tracer_.dump(now() * kCyclePs);
        recorder_.cycle(top_, now());
    }

    void edge() {
        top_.clk_i = 1;
        context_.time(now() * kCyclePs + kCyclePs / 2);
        top_.eval();
        tracer_.dump(now() * kCyclePs + kCyclePs / 2);
        if (sink_.pending()) [[unlikely]] report();
        ++counters_.cycles;
    }

    // One cycle; true if it completed an upstream packet.
    bool cycle() {
        uint64_t draws = 0;
        if (rx_gap_ | tx_stall_ | cause_gap_) draws = stalls_.next() >> 16;
        if (!down_.empty()) changed_ |= down_.drive(top_, now(), rx_gap_, draws & 0xff, noise_);
        if (!causes_.empty()) changed_ |= causes_.drive(top_, now(), cause_gap_, draws >> 8 & 0xff);
        const bool ready = !stalled(tx_stall_, draws >> 16 & 0xff);
        changed_ |= ready != static_cast<bool>(top_.tx_ready_i);
        top_.tx_ready_i = ready;
        settle();

        // Inputs of this cycle are changed only behind the edge.
        const bool cause_taken = top_.cause_valid_i && top_.cause_ready_o;
        const bool down_taken = top_.rx_valid_i && top_.rx_ready_o;
        const bool up_moves = top_.tx_valid_o && top_.tx_ready_i;
        bool packet = false;
        if (cause_taken) events_.number(EventKind::CauseTaken, now(), causes_.taken_count());
        if (top_.obs_cause_valid_o) {
            events_.cause_seen(now(), top_.obs_cause_withdraw_o, top_.obs_cause_store_o, top_.obs_cause_index_o);
        }
        if (top_.obs_msi_valid_o) events_.msi_raised(now(), top_.obs_msi_vector_o);
        if (down_taken) {
            ++counters_.down_beats;
            if (top_.rx_eop_i) events_.number(EventKind::DownTaken, now(), down_.taken_count());
        }
        if (!limit_known_ || top_.rx_nph_limit_o != limit_) {
            limit_known_ = true;
            limit_ = top_.rx_nph_limit_o;
            events_.non_posted_limit(now(), limit_);
        }
        if (static_cast<bool>(top_.obs_intx_o) != intx_) {
            intx_ = top_.obs_intx_o;
            events_.intx(now(), intx_);
        }
        if (top_.tx_valid_o) {
            packet = up_.sample(top_, sink_);
            if (up_moves) ++counters_.up_beats;
            if (packet) events_.up(now(), up_.has_prefix, up_.prefix, up_.header, up_.data);
        } else {
            up_.idle(sink_);
        }
        if (!(cause_taken | down_taken | up_moves)) ++counters_.idle_cycles;

        edge();
        if (cause_taken) causes_.taken(top_, noise_);
        if (down_taken) down_.taken(top_, noise_);
        changed_ |= cause_taken | down_taken;
        return packet;
    }

    void report() {
        for (const auto& message : sink_.take()) events_.finding(now(), message.severity, message.text);
    }

    Top& top_;
    VerilatedContext& context_;
    Sink& sink_;
    Events events_;
    Tracer tracer_;
    Recorder recorder_;
    Counters counters_{};
    Downstream<Top> down_;
    Upstream<Top> up_;
    CausePort<Top> causes_;
    Rng noise_;
    Rng stalls_;
    uint8_t rx_gap_ = 0;
    uint8_t tx_stall_ = 0;
    uint8_t cause_gap_ = 0;
    bool limit_known_ = false;
    uint32_t limit_ = 0;
    bool intx_ = false;  // the wire as last seen
    bool changed_ = true;  // an input differs from what the last evaluation saw
};

}  // namespace cosim
