#pragma once

#include <string>
#include <vector>

namespace neurocuda::cli::page {

/// A whole page with its style inside: nothing is loaded from anywhere, no scripts. `body` is HTML.
std::string page(const std::string& title, const std::string& body);

/// A table; cells are text, the first column is the row's header.
std::string html_table(const std::string& caption, const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows);

/// A titled part of the page: what it shows in one sentence, then the content (HTML).
std::string section(const std::string& title, const std::string& explanation, const std::string& content);

}  // namespace neurocuda::cli::page
