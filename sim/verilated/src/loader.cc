// SPDX-License-Identifier: Apache-2.0 OR MIT
#include "loader.h"

#include <dlfcn.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "verilated/src/ffi.rs.h"

namespace cosim {
namespace {

template <class Function>
Function symbol(rust::Str library, const char* name) {
    const std::string path(library);
    // Local, so that two models in one process do not see each other's symbols.
    // Never closed: a model may have left objects with thread storage behind.
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) throw std::runtime_error(dlerror());
    void* found = dlsym(handle, name);
    if (!found) throw std::runtime_error(path + " has no " + name);
    return reinterpret_cast<Function>(found);
}

}  // namespace

void Handle::check(bool ok) const {
    if (!ok) throw std::runtime_error(model_->error());
}

RawCounters Handle::counters() const {
    Counters c{};
    model_->counters(&c);
    return {c.cycles, c.idle_cycles, c.down_beats, c.up_beats, c.findings};
}

void Handle::reset(bool hot) { check(model_->reset(hot)); }

void Handle::push(const std::array<uint32_t, 4>& header, bool has_prefix, uint32_t prefix,
                  rust::Slice<const uint32_t> data, uint64_t not_before) {
    model_->push(header.data(), has_prefix, prefix, data.data(), data.size(), not_before);
}

void Handle::cause(bool withdraw, uint32_t store, uint32_t index, uint64_t not_before) {
    model_->cause(withdraw, store, index, not_before);
}

void Handle::credits(const std::array<uint16_t, 6>& limits, uint8_t infinite) {
    model_->credits(limits.data(), infinite);
}

void Handle::pressure(uint8_t rx_gap, uint8_t tx_stall, uint8_t cause_gap, uint64_t seed) {
    model_->pressure(rx_gap, tx_stall, cause_gap, seed);
}

rust::Slice<const uint32_t> Handle::run(uint64_t until) {
    const uint32_t* events = nullptr;
    size_t words = 0;
    check(model_->run(until, &events, &words));
    if (words == 0) return {};
    return {events, words};
}

void Handle::trace_open(rust::Str path) { check(model_->trace_open(std::string(path).c_str())); }

rust::Vec<RawCoverPoint> Handle::cover_points() const {
    rust::Vec<RawCoverPoint> points;
    CoverPoint p{};
    for (size_t i = 0; model_->cover_point(i, &p); ++i) {
        points.push_back({rust::String::lossy(p.page), rust::String::lossy(p.file), rust::String::lossy(p.hier),
                          rust::String::lossy(p.comment), p.line, p.column});
    }
    return points;
}

rust::Vec<uint32_t> Handle::cover_counts() const {
    std::vector<uint32_t> raw(model_->cover_points());
    model_->cover_counts(raw.data());
    rust::Vec<uint32_t> counts;
    counts.reserve(raw.size());
    for (uint32_t n : raw) counts.push_back(n);
    return counts;
}

rust::Vec<uint32_t> Handle::mutants_seen() {
    const uint32_t* seen = nullptr;
    const size_t n = model_->mutants_seen(&seen);
    rust::Vec<uint32_t> numbers;
    for (size_t i = 0; i < n; ++i) numbers.push_back(seen[i]);
    return numbers;
}

rust::Slice<const uint8_t> Handle::save() {
    const uint8_t* bytes = nullptr;
    size_t count = 0;
    check(model_->save(&bytes, &count));
    return {bytes, count};
}

void Handle::restore(rust::Slice<const uint8_t> bytes) { check(model_->restore(bytes.data(), bytes.size())); }

void Handle::record_open(rust::Str path) { check(model_->record_open(std::string(path).c_str())); }

uint64_t Handle::record_close() {
    uint64_t digest = 0;
    check(model_->record_close(&digest));
    return digest;
}

std::unique_ptr<Handle> load_model(rust::Str library, uint32_t rand_reset, uint32_t seed, uint32_t mutant) {
    const auto create = symbol<CreateFn>(library, kCreateName);
    const ModelOptions options{kApiVersion, rand_reset, seed, mutant};
    char error[512] = "unknown";
    Model* model = create(&options, error, sizeof error);
    if (!model) throw std::runtime_error(error);
    return std::make_unique<Handle>(model);
}

RawBareResult run_bare(rust::Str library, rust::Str recording) {
    const auto bare = symbol<BareFn>(library, kBareName);
    char error[512] = "unknown";
    BareResult r{};
    if (!bare(std::string(recording).c_str(), &r, error, sizeof error)) throw std::runtime_error(error);
    return {r.cycles, r.up_beats, r.digest, r.seconds};
}

}  // namespace cosim
