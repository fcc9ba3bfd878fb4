#pragma once

#include <string>
#include <string_view>

namespace neurocuda {

/// Bytes of the UTF-8 character that `text` starts with; 0 when it starts with none.
std::size_t character_bytes(std::string_view text);

/// Text that does nothing to a terminal or a page but to be read: control characters (C0, DEL, C1), line separators,
/// what turns the direction of writing, and bytes that are no UTF-8 become \n, \x1b, \u202e. Names in files of others
/// may hold any of them.
std::string printable(std::string_view text);
/// The same, but newlines stay: for text of several lines whose names went through printable() already.
std::string printable_lines(std::string_view text);

}  // namespace neurocuda
