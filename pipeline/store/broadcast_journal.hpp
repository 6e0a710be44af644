// SPDX-License-Identifier: Apache-2.0
// A lapping journal in a shared-memory file: one writer process, any number of readers in other
// processes that map it read-only and cannot hold the writer back. The ordering is journal.hpp's.
#pragma once

#include <string>
#include <utility>

#include "pipeline/base/error.hpp"
#include "pipeline/store/attached_reader.hpp"
#include "pipeline/store/journal.hpp"

namespace roda {

/// The writing side. A restarted writer goes on with the sequence under a new epoch; a dead one
/// shows in a heartbeat that stands still. A file that holds anything else is replaced by a new
/// one: readers keep the old one, which stands still, and attach again.
template <SharedPod T>
class BroadcastJournal : public Journal<T, FullPolicy::lap> {
  public:
    /// Errors: StartupError when there is no path, when the file cannot be had, or when another
    /// process writes it.
    BroadcastJournal(const std::string& path, JournalOptions options)
        : Journal<T, FullPolicy::lap>(at(path, std::move(options))) {}

  private:
    static JournalOptions at(const std::string& path, JournalOptions options) {
        if (path.empty()) {
            throw StartupError("a broadcast journal lies in a file, and this one has no path",
                               "journal",
                               "set the path");
        }
        options.path = path;
        return options;
    }
};

/// The reading side, in any process.
template <SharedPod T>
using BroadcastReader = AttachedReader<T, FullPolicy::lap>;

}  // namespace roda
