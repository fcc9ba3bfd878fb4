#pragma once

#include <string>
#include <vector>

namespace neurocuda::cli {

/// What a run assumes because nobody said it: a line each on standard error as soon as it is known, and the list for
/// the JSON document ("notices").
class Notices {
 public:
  /// An empty text, or one that was given before, is none.
  void add(const std::string& text);
  void add(const std::vector<std::string>& texts);
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

}  // namespace neurocuda::cli
