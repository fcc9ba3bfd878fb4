#include "nir/native/fields.hpp"

#include <cmath>

namespace neurocuda::nir::native {
namespace {

// Doubles beyond this no longer hold every whole number.
constexpr double kWholeLimit = 0x1.0p53;

template <class T>
std::int64_t whole(const Fields& fields, const char* key, std::size_t at, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) fields.reject(key, "[{}] is {}; a finite number is wanted", at, value);
    if (std::abs(value) > kWholeLimit || value != std::trunc(value)) {
      fields.reject(key, "[{}] is {}; a whole number is wanted, the native profile is in integer units", at, value);
    }
  }
  return static_cast<std::int64_t>(value);
}

struct ToIntegers {
  const Fields& fields;
  const char* key;
  Range range;

  std::vector<std::int64_t> operator()(const std::vector<std::string>&) const {
    fields.reject(key, "is text; numbers are wanted");
  }
  template <class T>
  std::vector<std::int64_t> operator()(const std::vector<T>& values) const {
    std::vector<std::int64_t> result(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      result[i] = whole(fields, key, i, values[i]);
      if (result[i] < range.low || result[i] > range.high) {
        fields.reject(key, "[{}] is {}; {}..{} is the range", i, result[i], range.low, range.high);
      }
    }
    return result;
  }
};

struct ToReals {
  const Fields& fields;
  const char* key;

  std::vector<double> operator()(const std::vector<std::string>&) const {
    fields.reject(key, "is text; numbers are wanted");
  }
  template <class T>
  std::vector<double> operator()(const std::vector<T>& values) const {
    std::vector<double> result(values.begin(), values.end());
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (!std::isfinite(result[i])) fields.reject(key, "[{}] is {}; a finite number is wanted", i, result[i]);
    }
    return result;
  }
};

template <class T>
T only(const Fields& fields, const char* key, const std::vector<T>& values) {
  if (values.size() != 1) fields.reject(key, "has {} values; one is wanted", values.size());
  return values.front();
}

}  // namespace

const Array& Fields::require(const char* key) const {
  const auto found = tree_->leaves.find(key);
  if (found == tree_->leaves.end()) reject(key, "is missing; write the file again");
  return found->second;
}

const Array& Fields::values(const char* key) const {
  const Array& array = require(key);
  const auto count =
      std::visit([](const auto& values) { return static_cast<std::int64_t>(values.size()); }, array.values);
  if (count != element_count(array.shape))
    reject(key, "has the shape {}, which does not fit the network around it; the file is damaged",
           to_string(array.shape));
  return array;
}

std::vector<std::int64_t> Fields::integers(const char* key, Range range) const {
  return std::visit(ToIntegers{*this, key, range}, values(key).values);
}

std::vector<double> Fields::reals(const char* key) const { return std::visit(ToReals{*this, key}, values(key).values); }

std::int64_t Fields::integer(const char* key, Range range) const { return only(*this, key, integers(key, range)); }

double Fields::real(const char* key) const { return only(*this, key, reals(key)); }

std::string Fields::text(const char* key) const {
  const auto* texts = std::get_if<std::vector<std::string>>(&values(key).values);
  if (texts == nullptr) reject(key, "is a number; text is wanted");
  return only(*this, key, *texts);
}

Size2 Fields::size(const char* key, Range range) const {
  const auto values = integers(key, range);
  if (values.size() == 1) return {values[0], values[0]};
  if (values.size() != 2) reject(key, "has {} values; (height, width) is wanted", values.size());
  return {values[0], values[1]};
}

}  // namespace neurocuda::nir::native
