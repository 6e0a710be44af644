// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/shared_layout.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace roda {
namespace {

constexpr std::string_view family = "RODA";  // the first letters of every magic

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

std::string hexadecimal(std::uint64_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    do {
        text.insert(text.begin(), digits[value % 16]);
        value /= 16;
    } while (value != 0);
    return "0x" + text;
}

std::uint64_t load_magic(MappedBytes file) {
    // C++20 has no atomic_ref<const T>; a load does not write.
    auto* magic = reinterpret_cast<std::uint64_t*>(const_cast<std::byte*>(file.data()));
    return std::atomic_ref(*magic).load(std::memory_order_acquire);  // M2
}

std::string magic_fault(std::uint64_t magic, const LayoutKind& kind) {
    const std::string wanted(kind.name);
    if (magic == 0) {
        return "not " + wanted + " yet: its writer has not finished the header";
    }
    for (const LayoutKind& other : layout_kinds) {
        if (magic == other.magic) {
            return std::string(other.name) + ", not " + wanted;
        }
    }
    char letters[sizeof(magic)];
    std::memcpy(letters, &magic, sizeof(magic));
    const std::string_view text(letters, sizeof(letters));
    const bool legible =
        std::ranges::all_of(text, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
    if (legible && text.substr(0, family.size()) == family) {
        return "a layout that this program does not know (" + std::string(text) + "), not " +
               wanted;
    }
    return "no file of Roda (magic number)";
}

}  // namespace

std::string prefix_fault(MappedBytes file,
                         const LayoutKind& kind,
                         std::uint64_t record_bytes,
                         std::uint64_t schema) {
    const std::string wanted(kind.name);
    const std::string header_cut = "truncated: the file has " + number(file.size()) +
                                   " bytes, the header of " + wanted + " has " +
                                   number(layout_data_offset);
    if (file.size() < sizeof(LayoutPrefix)) {
        return header_cut;
    }
    const std::uint64_t magic = load_magic(file);
    if (magic != kind.magic) {
        return magic_fault(magic, kind);
    }
    if (file.size() < layout_data_offset) {
        return header_cut;
    }
    LayoutPrefix prefix;
    std::memcpy(&prefix, file.data(), sizeof(prefix));
    if (prefix.version != kind.version) {
        return wanted + " of layout version " + number(prefix.version) + ", this program has " +
               number(kind.version);
    }
    if (prefix.record_bytes != record_bytes) {
        return wanted + " with records of " + number(prefix.record_bytes) +
               " bytes, this program's have " + number(record_bytes);
    }
    if (prefix.schema != schema) {
        return wanted + " of schema " + hexadecimal(prefix.schema) + ", this program has " +
               hexadecimal(schema);
    }
    return {};
}

std::string impossible_geometry(const std::string& contradiction) {
    return "impossible geometry: " + contradiction;
}

std::string extent_fault(MappedBytes file, std::uint64_t records, std::uint64_t stride_bytes) {
    constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    if (records == 0 || stride_bytes == 0) {
        return impossible_geometry("no room for a record");
    }
    if (records > (all - layout_data_offset) / stride_bytes) {
        return impossible_geometry(number(records) + " records of " + number(stride_bytes) +
                                   " bytes are more than any memory");
    }
    const std::uint64_t needed = layout_data_offset + records * stride_bytes;
    if (needed > file.size()) {
        return "truncated: the file has " + number(file.size()) + " bytes, its header says " +
               number(needed);
    }
    return {};
}

void write_prefix(std::byte* at,
                  const LayoutKind& kind,
                  std::uint64_t record_bytes,
                  std::uint64_t records,
                  std::uint64_t schema) noexcept {
    const LayoutPrefix prefix{.magic = 0,
                              .version = kind.version,
                              .record_bytes = static_cast<std::uint32_t>(record_bytes),
                              .records = records,
                              .schema = schema};
    std::memcpy(at, &prefix, sizeof(prefix));
}

void finish_header(std::byte* at, const LayoutKind& kind) noexcept {
    auto* magic = reinterpret_cast<std::uint64_t*>(at);
    std::atomic_ref(*magic).store(kind.magic, std::memory_order_release);  // M1
}

void start_epoch(SharedCounter& epoch, SharedCounter& heartbeat_ns, std::uint64_t now_ns) noexcept {
    heartbeat_ns.store(now_ns, std::memory_order_relaxed);
    const std::uint64_t next = epoch.load(std::memory_order_relaxed) + 1;
    epoch.store(std::max(now_ns, next), std::memory_order_release);
}

void refuse_layout(const std::string& path, const std::string& fault) {
    throw StartupError(fault, path, "use the tools of the same release as the writer");
}

}  // namespace roda
