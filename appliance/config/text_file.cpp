// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "pipeline/base/error.hpp"

namespace roda::appliance {

namespace {

class FileDescriptor {
  public:
    explicit FileDescriptor(const std::string& path)
        : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

    ~FileDescriptor() {
        if (number_ >= 0) {
            close(number_);
        }
    }

    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    int number() const noexcept { return number_; }

  private:
    int number_;
};

std::string hint_for(int error, std::string_view example) {
    switch (error) {
        case ENOENT:
            return "check the path; " + std::string(example) + " is an example to start from";
        case EACCES:
            return "let the user that runs roda read it";
        case EISDIR:
            return "give the file itself";
        default:
            return "give a file that can be read";
    }
}

[[noreturn]] void refuse(const std::string& path, int error, std::string_view example) {
    throw StartupError("cannot read the file: " + std::generic_category().message(error),
                       path,
                       hint_for(error, example));
}

}  // namespace

std::string read_text_file(const std::string& path,
                           std::size_t largest_bytes,
                           std::string_view example) {
    const FileDescriptor file(path);
    if (file.number() < 0) {
        refuse(path, errno, example);
    }
    std::string text;
    std::array<char, 65'536> chunk{};
    while (true) {
        const ssize_t bytes = read(file.number(), chunk.data(), chunk.size());
        if (bytes < 0) {
            if (errno == EINTR) {
                continue;
            }
            refuse(path, errno, example);
        }
        if (bytes == 0) {
            return text;
        }
        text.append(chunk.data(), static_cast<std::size_t>(bytes));
        if (text.size() > largest_bytes) {
            throw StartupError(
                "the file is larger than " + std::to_string(largest_bytes >> 20) + " MiB",
                path,
                "give a smaller one");
        }
    }
}

}  // namespace roda::appliance
