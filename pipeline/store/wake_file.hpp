// SPDX-License-Identifier: Apache-2.0
// The bell beside a journal's file, for readers in other processes: they map the journal read-only
// and can announce themselves only here. One page, in PATH.wake:
//
//   0      | magic 8 "RODAWAKE" | version 4 | reserved 4 |
//   128    | WakeWords 8 : generation, waiting           |
//
// Who may write this page may make the writer do futile futex calls, and, as with any mapped file,
// may cut it off and kill him: so it is made for its owner and group only, less the umask. All
// others read the journal as well, and nap instead of sleeping.
#pragma once

#include <optional>
#include <string>

#include "pipeline/store/wake.hpp"

namespace roda {

/// A Wake whose words lie in that file. Move-only; the mapping goes with it, the file stays.
class WakeFile {
  public:
    /// The writer's: makes the file, or takes over the one of an earlier writer and wakes whoever
    /// sleeps there. A file of another owner or kind is replaced, never trusted.
    ///
    /// Errors: StartupError when it cannot be had.
    static WakeFile open(const std::string& journal_path);

    /// A waiting reader's; nothing when there is no such file, or no permission to write it.
    static std::optional<WakeFile> attach(const std::string& journal_path);

    static std::string path_of(const std::string& journal_path) { return journal_path + ".wake"; }

    /// Its name until it is whole; a writer that dies meanwhile leaves it behind.
    static std::string unfinished_path_of(const std::string& journal_path) {
        return path_of(journal_path) + ".new";
    }

    WakeFile(WakeFile&& other) noexcept;
    WakeFile& operator=(WakeFile&& other) noexcept;
    ~WakeFile();

    Wake& bell() noexcept { return bell_; }

  private:
    explicit WakeFile(void* page) noexcept;

    void* page_;
    Wake bell_;
};

}  // namespace roda
