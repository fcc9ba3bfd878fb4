#include "cli/settings_file.hpp"

#include <cctype>
#include <filesystem>

#include "cli/settings_options.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"

namespace neurocuda::cli {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{16} << 20;  // a document of `convert --json` has every layer in it

settings::Json parse(const std::string& text, const std::string& path) {
  settings::Json json = settings::Json::parse(text, nullptr, false);
  if (!json.is_object()) fail("{}: holds no JSON object of settings; write {{\"percentile\": 99.9, ...}}", path);
  const auto inner = json.find("settings");
  return inner != json.end() && inner->is_object() ? *inner : json;
}

settings::Json settings_of_network(const std::string& path) {
  const std::string text = nir::read(path).settings;
  if (text.empty()) fail("{}: does not say with which settings it was converted; give a JSON file", path);
  return parse(text, path);
}

}  // namespace

settings::Json read_settings_file(const std::string& path) {
  if (std::filesystem::path(path).extension() == ".nir") return settings_of_network(path);
  const auto bytes = read_file(path, kMostBytes);
  return parse(std::string(bytes.begin(), bytes.end()), path);
}

std::string option_name(std::string_view setting) {
  std::string name(setting);
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

std::string sentence(std::string_view doc) {
  std::string text(doc);
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace neurocuda::cli
