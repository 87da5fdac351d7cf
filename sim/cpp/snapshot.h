// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Verilator's serialisation, into memory rather than a file.
#pragma once
#include <cstring>
#include <vector>

#include "sink.h"
#include "verilated_save.h"

namespace cosim {

class MemorySave final : public VerilatedSerialize {
  public:
    explicit MemorySave(std::vector<uint8_t>& out) : out_(out) {
        m_isOpen = true;
        header();
    }
    ~MemorySave() override { close(); }

    void close() override {
        if (!m_isOpen) return;
        trailer();
        flush();
        m_isOpen = false;
    }
    void flush() override {
        out_.insert(out_.end(), m_bufp, m_cp);
        m_cp = m_bufp;
    }

  private:
    std::vector<uint8_t>& out_;
};

class MemoryRestore final : public VerilatedDeserialize {
  public:
    MemoryRestore(const uint8_t* bytes, size_t count) : next_(bytes), left_(count) {
        m_isOpen = true;
        m_endp = m_bufp;
        fill();
        header();
    }
    ~MemoryRestore() override { m_isOpen = false; }

    void close() override {
        if (!m_isOpen) return;
        trailer();
        m_isOpen = false;
    }
    void flush() override {}

  protected:
    void fill() override {
        if (m_cp > m_endp) throw ModelFailure("snapshot is cut short");
        const size_t kept = static_cast<size_t>(m_endp - m_cp);
        std::memmove(m_bufp, m_cp, kept);
        size_t room = bufferSize() - kept;
        if (room > left_) room = left_;
        std::memcpy(m_bufp + kept, next_, room);
        next_ += room;
        left_ -= room;
        m_cp = m_bufp;
        m_endp = m_bufp + kept + room;
    }

  private:
    const uint8_t* next_;
    size_t left_;
};

}  // namespace cosim
