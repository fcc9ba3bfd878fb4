#include "data/files.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxNameLength = 80;

bool printable(char c) { return c >= 0x20 && c < 0x7F; }

}  // namespace

std::string dataset_name(const fs::path& folder, std::string_view standard) {
  const fs::path path = folder / "name.txt";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::string(standard);
  const auto bytes = read_file(path, 4096);
  std::string name(bytes.begin(), bytes.end());
  while (!name.empty() && (name.back() == '\n' || name.back() == '\r')) name.pop_back();
  if (name.empty() || name.size() > kMaxNameLength || !std::all_of(name.begin(), name.end(), printable)) {
    fail("{}: must hold one line of 1 to {} printable ASCII characters, the name of the data set; correct or remove it",
         path.string(), kMaxNameLength);
  }
  return name;
}

bool holds_any(const fs::path& folder, std::span<const std::string_view> files) {
  std::error_code ignored;
  return std::any_of(files.begin(), files.end(), [&](const auto& file) { return fs::exists(folder / file, ignored); });
}

}  // namespace neurocuda::data
