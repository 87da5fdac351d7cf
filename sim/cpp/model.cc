// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// One model behind the interface of model_api.h: the device, its clock loop,
// and what the variant of the build offers beside them.
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "Vtop.h"
#include "Vtop___024root.h"
#include "bare.h"
#include "clock_loop.h"
#include "model_api.h"
#include "sink.h"

#ifdef COSIM_COVERAGE
#include "Vtop__Syms.h"
#endif
#ifdef COSIM_TRACE
#include "verilated_fst_c.h"
#endif
#ifdef COSIM_SAVE
#include "snapshot.h"
#endif

namespace cosim {
namespace {

#ifdef COSIM_TRACE
class Tracer {
  public:
    void open(Vtop& top, const char* path) {
        // Not every version of Verilator says that it could not open the file.
        std::FILE* probe = std::fopen(path, "wb");
        if (!probe) throw ModelFailure(std::string("cannot write ") + path);
        std::fclose(probe);
        fst_ = std::make_unique<VerilatedFstC>();
        top.trace(fst_.get(), 99);
        fst_->open(path);
    }
    void close() {
        if (fst_) fst_->close();
        fst_.reset();
    }
    void dump(uint64_t time) {
        if (fst_) fst_->dump(time);
    }

  private:
    std::unique_ptr<VerilatedFstC> fst_;
};
#else
struct Tracer {
    void dump(uint64_t) {}
};
#endif

// Verilator 5.006 draws the random state from one generator per thread that is
// reseeded whenever any context of the process gets a seed, so models are made
// one at a time.
std::mutex creation;

// Zero means "take the seed from the operating system" to Verilator.
int verilator_seed(uint32_t seed) {
    Rng rng(seed);
    const int value = static_cast<int>(rng.next() >> 33);
    return value == 0 ? 1 : value;
}

// A device fresh from power-on, and the context it lives in.
struct Device {
    Sink sink;
    VerilatedContext context;
    std::unique_ptr<Vtop> top;

    explicit Device(const ModelOptions& options) {
        const std::lock_guard<std::mutex> one_at_a_time(creation);
        const SinkScope scope(sink);
        Verilated::threadContextp(&context);
        context.randReset(static_cast<int>(options.rand_reset));
        context.randSeed(verilator_seed(options.seed));
        context.assertOn(true);
        if (options.mutant != 0) {
            const std::string choice = "+mutant=" + std::to_string(options.mutant);
            const char* arguments[] = {"model", choice.c_str()};
            context.commandArgs(2, arguments);
        }
#ifdef COSIM_TRACE
        context.traceEverOn(true);
#endif
        top = std::make_unique<Vtop>(&context, "TOP");
        top->clk_i = 0;
        top->rst_ni = 0;
        top->hot_rst_i = 0;
        top->rx_valid_i = 0;
        top->tx_ready_i = 0;
        top->cause_valid_i = 0;
        top->eval();
        // Assertions have nothing to say about a device without power.
        sink.take();
    }

    ~Device() {
        const SinkScope scope(sink);
        Verilated::threadContextp(&context);
        top.reset();
    }
};

class VerilatedDevice final : public Model {
  public:
    explicit VerilatedDevice(const ModelOptions& options)
        : options_(options), device_(options), loop_(*device_.top, device_.context, device_.sink, options.seed) {
#ifdef COSIM_COVERAGE
        // A module's instances share their counters; only those of the first
        // stand in the array, the others are given a dummy.
        // Atomics of the same size in some versions.
        const auto& all = device_.top->rootp->vlSymsp->__Vcoverage;
        static_assert(sizeof all[0] == sizeof(uint32_t));
        const auto* begin = reinterpret_cast<const uint32_t*>(&all[0]);
        const uint32_t* end = begin + sizeof all / sizeof all[0];
        for (auto& point : device_.sink.points()) {
            if (point.count >= begin && point.count < end) points_.push_back(std::move(point));
        }
#endif
    }

    void destroy() override {
#ifdef COSIM_TRACE
        loop_.tracer().close();
#endif
        delete this;
    }
    const char* error() const override { return error_.c_str(); }

    uint64_t now() const override { return loop_.now(); }
    void counters(Counters* out) const override {
        *out = loop_.counters();
        out->findings = device_.sink.errors();
    }
    uint32_t data_words() const override { return static_cast<uint32_t>(Downstream<Vtop>::kWords); }

    bool reset(bool hot) override {
        return guarded([&] {
            if (hot && !powered_) throw ModelFailure("hot reset before the first cold one");
            fresh_events();
            loop_.reset(hot);
            powered_ = true;
        });
    }

    void push(const uint32_t header[4], bool has_prefix, uint32_t prefix, const uint32_t* data, size_t words,
              uint64_t not_before) override {
        loop_.down().push(header, has_prefix, prefix, data, words, not_before);
    }
    void cause(bool withdraw, uint32_t store, uint32_t index, uint64_t not_before) override {
        loop_.causes().push(withdraw, store, index, not_before);
    }
    void credits(const uint16_t limit[6], uint8_t infinite) override { loop_.credits(limit, infinite); }
    void pressure(uint8_t rx_gap, uint8_t tx_stall, uint8_t cause_gap, uint64_t seed) override {
        loop_.pressure(rx_gap, tx_stall, cause_gap, seed);
    }

    bool run(uint64_t until, const uint32_t** events, size_t* words) override {
        const bool ok = guarded([&] {
            if (!powered_) throw ModelFailure("run before the first cold reset");
            fresh_events();
            loop_.run(until);
        });
        delivered_ = true;
        *events = loop_.events().data();
        *words = loop_.events().size();
        return ok;
    }

    bool trace_open([[maybe_unused]] const char* path) override {
#ifdef COSIM_TRACE
        return guarded([&] {
            loop_.tracer().close();
            loop_.tracer().open(*device_.top, path);
        });
#else
        return refuse("this variant of the model writes no waveform");
#endif
    }
    void trace_close() override {
#ifdef COSIM_TRACE
        guarded([&] { loop_.tracer().close(); });
#endif
    }

    size_t cover_points() const override { return points_.size(); }
    bool cover_point(size_t i, CoverPoint* out) const override {
        if (i >= points_.size()) return false;
        const CoverEntry& p = points_[i];
        *out = {p.page.c_str(), p.file.c_str(), p.hier.c_str(), p.comment.c_str(), p.line, p.column};
        return true;
    }
    void cover_counts(uint32_t* out) const override {
        for (const CoverEntry& p : points_) *out++ = *p.count;
    }
    void cover_zero() override {
        for (const CoverEntry& p : points_) *p.count = 0;
    }

    size_t mutants_seen(const uint32_t** out) override {
        seen_ = device_.sink.mutants();
        *out = seen_.data();
        return seen_.size();
    }

    bool save([[maybe_unused]] const uint8_t** bytes, [[maybe_unused]] size_t* count) override {
#ifdef COSIM_SAVE
        return guarded([&] {
            snapshot_.clear();
            Writer writer(snapshot_);
            writer.plain(powered_);
            loop_.archive(writer);
            uint64_t loop_bytes = snapshot_.size();
            writer.plain(loop_bytes);
            std::vector<uint8_t> model;
            {
                MemorySave save(model);
                save << *device_.top;
            }
            // The loop's part goes behind the model's, found by its size at the end.
            model.insert(model.end(), snapshot_.begin(), snapshot_.end());
            snapshot_.swap(model);
            *bytes = snapshot_.data();
            *count = snapshot_.size();
        });
#else
        return refuse("this variant of the model takes no snapshots");
#endif
    }

    bool restore([[maybe_unused]] const uint8_t* bytes, [[maybe_unused]] size_t count) override {
#ifdef COSIM_SAVE
        return guarded([&] {
            uint64_t loop_bytes = 0;
            if (count < sizeof loop_bytes) throw ModelFailure("snapshot is cut short");
            std::memcpy(&loop_bytes, bytes + count - sizeof loop_bytes, sizeof loop_bytes);
            if (loop_bytes > count - sizeof loop_bytes) throw ModelFailure("snapshot is cut short");
            const size_t model_bytes = count - sizeof loop_bytes - static_cast<size_t>(loop_bytes);
            MemoryRestore restore(bytes, model_bytes);
            restore >> *device_.top;
            restore.close();
            Reader reader(bytes + model_bytes, static_cast<size_t>(loop_bytes));
            reader.plain(powered_);
            loop_.archive(reader);
            if (!reader.ok()) throw ModelFailure("snapshot is cut short");
            loop_.events().clear();
        });
#else
        return refuse("this variant of the model takes no snapshots");
#endif
    }

    bool record_open(const char* path) override {
        if (now() != 0) return refuse("a recording begins with the first cycle");
        if (!loop_.recorder().open(path, options_.seed, options_.rand_reset)) return refuse("cannot write the file");
        return true;
    }
    bool record_close(uint64_t* digest) override {
        if (!loop_.recorder().close(now(), digest)) return refuse("the recording could not be written");
        return true;
    }

  private:
    ~VerilatedDevice() = default;

    // Runs `body` as this model; after an exception the model stays unusable.
    template <class Body>
    bool guarded(Body&& body) {
        if (dead_) return false;
        const SinkScope scope(device_.sink);
        Verilated::threadContextp(&device_.context);
        try {
            body();
            return true;
        } catch (const std::exception& e) {
            error_ = e.what();
            dead_ = powered_;
            return false;
        }
    }

    bool refuse(const char* why) {
        error_ = why;
        return false;
    }

    void fresh_events() {
        if (delivered_) loop_.events().clear();
        delivered_ = false;
    }

    ModelOptions options_;
    Device device_;
    ClockLoop<Vtop, Tracer, PinRecorder<Vtop>> loop_;
    std::vector<CoverEntry> points_;
    std::vector<uint32_t> seen_;
    std::vector<uint8_t> snapshot_;
    std::string error_;
    bool powered_ = false;
    bool delivered_ = false;
    bool dead_ = false;
};

void explain(char* error, size_t error_size, const char* why) { std::snprintf(error, error_size, "%s", why); }

bool read_pins(const char* path, PinsHeader& header, std::vector<uint32_t>& records) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) return false;
    bool ok = std::fread(&header, sizeof header, 1, file) == 1 &&
              std::memcmp(header.magic, kPinsMagic, sizeof kPinsMagic) == 0;
    uint32_t buffer[16384];
    size_t n = 0;
    while (ok && (n = std::fread(buffer, 4, 16384, file)) > 0) records.insert(records.end(), buffer, buffer + n);
    ok = ok && !std::ferror(file);
    std::fclose(file);
    return ok;
}

}  // namespace
}  // namespace cosim

#define COSIM_EXPORT extern "C" __attribute__((visibility("default")))

COSIM_EXPORT cosim::Model* cosim_model_create(const cosim::ModelOptions* options, char* error, size_t error_size) {
    if (options->api_version != cosim::kApiVersion) {
        cosim::explain(error, error_size, "the library was built for another version of this program");
        return nullptr;
    }
    try {
        return new cosim::VerilatedDevice(*options);
    } catch (const std::exception& e) {
        cosim::explain(error, error_size, e.what());
        return nullptr;
    }
}

COSIM_EXPORT bool cosim_model_bare(const char* path, cosim::BareResult* out, char* error, size_t error_size) {
    try {
        cosim::PinsHeader header{};
        std::vector<uint32_t> records;
        if (!cosim::read_pins(path, header, records)) throw cosim::ModelFailure("not a recording");
        if (header.data_words != cosim::Downstream<Vtop>::kWords) {
            throw cosim::ModelFailure("recorded with another DataW");
        }
        const cosim::ModelOptions options{cosim::kApiVersion, header.rand_reset, header.seed};
        cosim::Device device(options);
        const cosim::SinkScope scope(device.sink);
        if (!cosim::bare_loop(*device.top, records, out)) throw cosim::ModelFailure("the recording is cut short");
        return true;
    } catch (const std::exception& e) {
        cosim::explain(error, error_size, e.what());
        return false;
    }
}
