#include "nir/native/settings_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "nir/names.hpp"

namespace neurocuda::nir::native {
namespace {

using Json = nlohmann::json;

/// Follows a document without building it; stops at the first thing that is wrong.
class ObjectCheck : public nlohmann::json_sax<Json> {
 public:
  const std::string& defect() const { return defect_; }

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return value() && open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception&) override {
    defect_ = fmt::format("is not JSON from byte {} on; a JSON object is wanted", byte);
    return false;
  }

 private:
  /// Anything but an object: only inside of one.
  bool value() {
    if (depth_ == 0) defect_ = "is not a JSON object; write what the network was converted with as one";
    return depth_ > 0;
  }
  bool open() {
    if (depth_ == kMaxSettingsDepth) defect_ = fmt::format("is nested deeper than {} levels", kMaxSettingsDepth);
    return ++depth_ <= kMaxSettingsDepth;
  }
  bool close() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  std::string defect_;
};

}  // namespace

std::string settings_defect(std::string_view text) {
  if (text.size() > kMaxSettingsBytes) {
    return fmt::format("has {} bytes; at most {} are wanted", text.size(), kMaxSettingsBytes);
  }
  if (!is_storable_text(text)) return "is not UTF-8 text; a JSON object is wanted";  // a zero byte would end the JSON
  ObjectCheck check;
  Json::sax_parse(text, &check);
  return check.defect();
}

}  // namespace neurocuda::nir::native
