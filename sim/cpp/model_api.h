// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The boundary between a verilated model (a shared library built at run time)
// and the program that loads it. Only types of the C language cross it, and it
// is crossed once per call of run(), never once per signal.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cosim {

// Changes whenever a function or a layout below changes.
inline constexpr uint32_t kApiVersion = 3;

// Events are runs of 32-bit words: {kind | words << 8, tick low, tick high,
// payload...} where `words` counts the payload.
enum class EventKind : uint32_t {
    CauseTaken = 1,      // payload: number low, number high
    CauseSeen = 2,       // payload: withdraw | store << 1, index
    DownTaken = 3,       // payload: number low, number high
    NonPostedLimit = 4,  // payload: limit
    Up = 5,              // payload: prefix present, prefix, 4 header words, data words
    Finding = 6,         // payload: severity, bytes, then the text, 4 bytes a word, first in bits 7:0
    MsiRaised = 7,       // payload: vector
    Intx = 8,            // payload: level
};

// Severity of a Finding.
enum class Severity : uint32_t {
    Note = 0,   // the model printed something
    Error = 1,  // an assertion failed, $error or $fatal was called, or the pin protocol was broken
};

struct ModelOptions {
    uint32_t api_version;  // kApiVersion as the loader knows it
    uint32_t rand_reset;   // 0 zeros, 1 ones, 2 random
    uint32_t seed;         // of the random reset state and of what idle pins carry; any value
    uint32_t mutant;       // the fault to be switched on, of a model that has several built in; 0 none
};

struct Counters {
    uint64_t cycles;       // since creation
    uint64_t idle_cycles;  // cycles in which nothing moved on either stream or on the cause port
    uint64_t down_beats;
    uint64_t up_beats;
    uint64_t findings;  // all of severity Error, those behind the reporting limit too
};

// A point of structural or user coverage; the strings live as long as the model.
struct CoverPoint {
    const char* page;  // v_line/module, v_toggle/module, v_user/module
    const char* file;
    const char* hier;
    const char* comment;
    uint32_t line;
    uint32_t column;
};

struct BareResult {
    uint64_t cycles;
    uint64_t up_beats;
    uint64_t digest;  // over what left the device; equals that of the run recorded
    double seconds;   // of the loop alone
};

// One instance of the device with its clock. Functions that can fail return
// false (or null) and leave the reason in error().
class Model {
  public:
    virtual void destroy() = 0;
    virtual const char* error() const = 0;

    virtual uint64_t now() const = 0;
    virtual void counters(Counters* out) const = 0;
    virtual uint32_t data_words() const = 0;

    virtual bool reset(bool hot) = 0;
    virtual void push(const uint32_t header[4], bool has_prefix, uint32_t prefix, const uint32_t* data, size_t words,
                      uint64_t not_before) = 0;
    virtual void cause(bool withdraw, uint32_t store, uint32_t index, uint64_t not_before) = 0;
    // ph, pd, nph, npd, cplh, cpld; bit i of `infinite` belongs to limit i.
    virtual void credits(const uint16_t limit[6], uint8_t infinite) = 0;
    virtual void pressure(uint8_t rx_gap, uint8_t tx_stall, uint8_t cause_gap, uint64_t seed) = 0;
    // The buffer stays valid until the next call of any function.
    virtual bool run(uint64_t until, const uint32_t** events, size_t* words) = 0;

    virtual bool trace_open(const char* path) = 0;
    virtual void trace_close() = 0;

    virtual size_t cover_points() const = 0;
    virtual bool cover_point(size_t i, CoverPoint* out) const = 0;
    virtual void cover_counts(uint32_t* out) const = 0;
    virtual void cover_zero() = 0;

    // Faults of a probing model whose place differed from the right design so far. The
    // buffer stays valid until the next call of any function.
    virtual size_t mutants_seen(const uint32_t** out) = 0;

    // The buffer stays valid until the next call of any function.
    virtual bool save(const uint8_t** bytes, size_t* count) = 0;
    virtual bool restore(const uint8_t* bytes, size_t count) = 0;

    // Writes the pins of every following cycle to a file that bare() replays.
    virtual bool record_open(const char* path) = 0;
    virtual bool record_close(uint64_t* digest) = 0;

  protected:
    ~Model() = default;
};

// What the library exports, by these names.
using CreateFn = Model* (*)(const ModelOptions*, char* error, size_t error_size);
using BareFn = bool (*)(const char* path, BareResult* out, char* error, size_t error_size);
inline constexpr const char* kCreateName = "cosim_model_create";
inline constexpr const char* kBareName = "cosim_model_bare";

}  // namespace cosim
