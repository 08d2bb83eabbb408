// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <string_view>
#include <utility>

#include "base/file.h"

namespace backproof::damage {

// A whole file as text, without taking memory for it. Nobody may shorten the file meanwhile.
class Mapping {
 public:
  static Result<Mapping> of(int fd) {
    TRY_ASSIGN(const FileFacts facts, facts_of(fd));
    Mapping mapping;
    if (facts.bytes == 0) return mapping;
    void* at = mmap(nullptr, facts.bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) return errno_error(Cause::space, "cannot map the content");
    mapping.text_ = {static_cast<const char*>(at), facts.bytes};
    return mapping;
  }
  Mapping(Mapping&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (!text_.empty()) munmap(const_cast<char*>(text_.data()), text_.size());
  }
  std::string_view text() const { return text_; }

 private:
  Mapping() = default;
  std::string_view text_;
};

}  // namespace backproof::damage
