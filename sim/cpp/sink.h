// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Where a model's printed text, failures and coverage points go. Verilator's
// callbacks carry no model, so the one being driven is noted per thread.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model_api.h"

namespace cosim {

// The model cannot be run any further.
struct ModelFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct CoverEntry {
    uint32_t* count;
    std::string page, file, hier, comment;
    uint32_t line, column;
};

class Sink {
  public:
    static thread_local Sink* current;

    struct Message {
        Severity severity;
        std::string text;
    };

    void print(const char* text) { printed_ += text; }

    // What was printed just before is the message of the failure.
    void error(const std::string& fallback) {
        trim();
        add(Severity::Error, printed_.empty() ? fallback : printed_);
        printed_.clear();
    }

    void cover(CoverEntry point) { points_.push_back(std::move(point)); }

    bool pending() const { return !messages_.empty() || !printed_.empty(); }

    std::vector<Message> take() {
        trim();
        if (!printed_.empty()) add(Severity::Note, printed_);
        printed_.clear();
        return std::exchange(messages_, {});
    }

    // A fault whose place differs now from the right design.
    void mutant(uint32_t number) {
        if (number >= mutants_.size()) mutants_.resize(number + 1);
        mutants_[number] = true;
    }
    std::vector<uint32_t> mutants() const {
        std::vector<uint32_t> numbers;
        for (size_t i = 0; i < mutants_.size(); ++i) {
            if (mutants_[i]) numbers.push_back(static_cast<uint32_t>(i));
        }
        return numbers;
    }

    std::vector<CoverEntry>& points() { return points_; }
    uint64_t errors() const { return errors_; }

  private:
    // A broken invariant can fail in every cycle of a long run.
    static constexpr uint64_t kReported = 200;

    void add(Severity severity, const std::string& text) {
        if (severity == Severity::Error) ++errors_;
        if (++seen_ <= kReported) messages_.push_back({severity, text});
    }

    void trim() {
        while (!printed_.empty() && (printed_.back() == '\n' || printed_.back() == ' ')) printed_.pop_back();
    }

    std::string printed_;
    std::vector<Message> messages_;
    std::vector<CoverEntry> points_;
    std::vector<bool> mutants_;
    uint64_t errors_ = 0;
    uint64_t seen_ = 0;
};

// Makes a model's sink the current one for a scope.
class SinkScope {
  public:
    explicit SinkScope(Sink& sink) : previous_(std::exchange(Sink::current, &sink)) {}
    ~SinkScope() { Sink::current = previous_; }
    SinkScope(const SinkScope&) = delete;
    SinkScope& operator=(const SinkScope&) = delete;

  private:
    Sink* previous_;
};

}  // namespace cosim
