#include "neurocuda/base/text.hpp"

#include <fmt/format.h>

#include <array>

namespace neurocuda {
namespace {

// Bytes of a sequence by its first byte; 0 where none starts.
std::size_t announced_bytes(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
bool second_byte_fits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

char32_t code_point(std::string_view character) {
  constexpr std::array<unsigned, 5> kFirstBits{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = static_cast<unsigned char>(character.front()) & kFirstBits.at(character.size());
  for (const char next : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(next) & 0x3FU);
  return code;
}

struct Range {
  char32_t first, last;
};
// Unicode's control characters (Cc), its bidirectional controls (UAX #9), and its separators of lines and paragraphs.
constexpr Range kUnseen[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},
                             {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

bool is_unseen(char32_t code) {
  for (const Range& range : kUnseen) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

std::string escaped(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\t') return "\\t";
  if (code == '\r') return "\\r";
  return code < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(code))
                     : fmt::format("\\u{:04x}", static_cast<unsigned>(code));
}

std::string escape_all(std::string_view text, bool keep_newlines) {
  std::string result;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    const std::string_view character = text.substr(0, bytes == 0 ? 1 : bytes);
    text.remove_prefix(character.size());
    if (bytes == 0) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(character.front()));
    } else if (const char32_t code = code_point(character); is_unseen(code) && !(keep_newlines && code == '\n')) {
      result += escaped(code);
    } else {
      result += character;
    }
  }
  return result;
}

}  // namespace

std::size_t character_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t bytes = announced_bytes(first);
  if (bytes == 0 || bytes > text.size()) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80 || (i == 1 && !second_byte_fits(first, next))) return 0;
  }
  return bytes;
}

std::string printable(std::string_view text) { return escape_all(text, false); }

std::string printable_lines(std::string_view text) { return escape_all(text, true); }

}  // namespace neurocuda
