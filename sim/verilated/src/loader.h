// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Opens the shared library of a model and gives its interface a shape that cxx
// can carry. Failures become exceptions here, and cxx turns those into Err.
#pragma once
#include <cstdint>
#include <memory>

#include "model_api.h"
#include "rust/cxx.h"

namespace cosim {

struct RawCounters;
struct RawCoverPoint;
struct RawBareResult;

class Handle {
  public:
    explicit Handle(Model* model) : model_(model) {}
    ~Handle() { model_->destroy(); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    uint64_t now() const { return model_->now(); }
    RawCounters counters() const;
    uint32_t data_words() const { return model_->data_words(); }
    void reset(bool hot);
    void push(const std::array<uint32_t, 4>& header, bool has_prefix, uint32_t prefix,
              rust::Slice<const uint32_t> data, uint64_t not_before);
    void cause(bool withdraw, uint32_t store, uint32_t index, uint64_t not_before);
    void credits(const std::array<uint16_t, 6>& limits, uint8_t infinite);
    void pressure(uint8_t rx_gap, uint8_t tx_stall, uint8_t cause_gap, uint64_t seed);
    rust::Slice<const uint32_t> run(uint64_t until);
    void trace_open(rust::Str path);
    void trace_close() { model_->trace_close(); }
    rust::Vec<RawCoverPoint> cover_points() const;
    rust::Vec<uint32_t> cover_counts() const;
    void cover_zero() { model_->cover_zero(); }
    rust::Vec<uint32_t> mutants_seen();
    rust::Slice<const uint8_t> save();
    void restore(rust::Slice<const uint8_t> bytes);
    void record_open(rust::Str path);
    uint64_t record_close();

  private:
    void check(bool ok) const;

    Model* model_;
};

std::unique_ptr<Handle> load_model(rust::Str library, uint32_t rand_reset, uint32_t seed, uint32_t mutant);
RawBareResult run_bare(rust::Str library, rust::Str recording);

}  // namespace cosim
