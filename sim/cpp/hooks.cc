// SPDX-License-Identifier: Apache-2.0 OR MIT
#include "hooks.h"

#include <cstdarg>
#include <cstdio>

#include "sink.h"
#include "verilated.h"

namespace cosim {

thread_local Sink* Sink::current = nullptr;

int hook_printf(const char* format, ...) {
    char buffer[4096];
    va_list args;
    va_start(args, format);
    const int n = std::vsnprintf(buffer, sizeof buffer, format, args);
    va_end(args);
    if (Sink::current) Sink::current->print(buffer);
    return n;
}

void hook_cover_point(uint32_t* count, const char* const* keys_and_values, int n) {
    if (!Sink::current) return;
    CoverEntry point{};
    point.count = count;
    for (int i = 0; i + 1 < n; i += 2) {
        const std::string key = keys_and_values[i];
        const char* value = keys_and_values[i + 1];
        if (key == "page") point.page = value;
        if (key == "filename") point.file = value;
        if (key == "hier") point.hier = value;
        if (key == "comment") point.comment = value;
        if (key == "lineno") point.line = static_cast<uint32_t>(std::stoul(value));
        if (key == "column") point.column = static_cast<uint32_t>(std::stoul(value));
    }
    Sink::current->cover(std::move(point));
}

}  // namespace cosim

namespace {

std::string place(const char* file, int line) {
    std::string text;
    if (file && file[0]) text = std::string(file) + ":" + std::to_string(line) + ": ";
    return text;
}

void stop(const char* file, int line, const char* hier, const char* fallback) {
    if (cosim::Sink::current) {
        std::string text = place(file, line) + fallback;
        if (hier && hier[0]) text += std::string(" in ") + hier;
        cosim::Sink::current->error(text);
    }
}

}  // namespace

// A probing model (sim/src/mutant/schemata) calls this at each of its faults; no other model does. The answer is that
// the fault is not switched on.
extern "C" unsigned char mutant_see(unsigned int number, unsigned char differs) {
    if (differs && cosim::Sink::current) cosim::Sink::current->mutant(number);
    return 0;
}

// $error, $stop, $fatal and failing assertions.
void vl_stop_maybe(const char* file, int line, const char* hier, bool) { stop(file, line, hier, "stopped"); }
void vl_stop(const char* file, int line, const char* hier) { stop(file, line, hier, "stopped"); }

void vl_finish(const char* file, int line, const char* hier) { stop(file, line, hier, "$finish called"); }

void vl_warn(const char* file, int line, const char*, const char* message) {
    if (cosim::Sink::current) cosim::Sink::current->print((place(file, line) + message + "\n").c_str());
}

// Verilator itself gives up, for example on a combinational loop: its callers
// do not expect this function to return, so the run is left by an exception.
void vl_fatal(const char* file, int line, const char* hier, const char* message) {
    throw cosim::ModelFailure(place(file, line) + message + (hier && hier[0] ? std::string(" in ") + hier : ""));
}
