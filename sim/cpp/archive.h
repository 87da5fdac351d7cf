// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// State of the clock loop to bytes and back, the same function for both ways.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace cosim {

class Writer {
  public:
    explicit Writer(std::vector<uint8_t>& out) : out_(out) {}
    template <class T>
    void plain(T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        const auto* p = reinterpret_cast<const uint8_t*>(&value);
        out_.insert(out_.end(), p, p + sizeof(T));
    }
    template <class C>
    void sequence(C& items) {
        uint64_t n = items.size();
        plain(n);
        for (auto& item : items) plain(item);
    }

  private:
    std::vector<uint8_t>& out_;
};

class Reader {
  public:
    Reader(const uint8_t* p, size_t n) : p_(p), left_(n) {}
    template <class T>
    void plain(T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (left_ < sizeof(T)) {
            short_ = true;
            return;
        }
        std::memcpy(&value, p_, sizeof(T));
        p_ += sizeof(T);
        left_ -= sizeof(T);
    }
    template <class C>
    void sequence(C& items) {
        uint64_t n = 0;
        plain(n);
        items.clear();
        for (uint64_t i = 0; i < n && !short_; ++i) {
            typename C::value_type item{};
            plain(item);
            items.push_back(item);
        }
    }
    bool ok() const { return !short_; }

  private:
    const uint8_t* p_;
    size_t left_;
    bool short_ = false;
};

}  // namespace cosim
