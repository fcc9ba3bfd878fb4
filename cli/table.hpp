#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace neurocuda::cli {

/// A text table with aligned columns: the first to the left, the others to the right unless said otherwise.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  /// Columns of prose read better from the left.
  Table& align_left(std::size_t column);
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  std::string to_string() const;

 private:
  std::string line(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) const;

  std::vector<std::string> header_;
  std::vector<bool> left_;
  std::vector<std::vector<std::string>> rows_;
};

/// "97.21 %" for 0.9721.
std::string percent(double fraction);
/// "12,345,678": digits in groups of three.
std::string grouped(std::int64_t count);
/// "1.23 M": three significant digits with k, M, G, T.
std::string with_unit_prefix(double value);

}  // namespace neurocuda::cli
