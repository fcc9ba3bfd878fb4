#include "cli/out_of_memory.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <new>
#include <string_view>
#include <system_error>

namespace {

std::size_t refused_bytes = 0;  // by the last allocation that failed

}  // namespace

// std::bad_alloc does not say how much was wanted. These do what those of the standard library do, and remember it.
void* operator new(std::size_t bytes) {
  for (;;) {
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (!handler) break;
    handler();
  }
  refused_bytes = bytes;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace neurocuda::cli {
namespace {

std::string with_unit(std::size_t bytes) {
  constexpr double kGibi = 1U << 30, kMebi = 1U << 20;
  const auto size = static_cast<double>(bytes);
  return size >= kGibi ? fmt::format("{:.1f} GiB", size / kGibi) : fmt::format("{:.1f} MiB", size / kMebi);
}

/// libtorch: "... you tried to allocate 123 bytes." on the CPU, "CUDA out of memory. Tried to allocate 20.00 GiB. ..."
std::optional<std::string> torch_size(std::string_view what) {
  const std::size_t found = what.find("ried to allocate ");
  if (found == std::string_view::npos) return std::nullopt;
  const std::string_view rest = what.substr(found + std::string_view("ried to allocate ").size());
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), bytes);
  if (error == std::errc() && std::string_view(end, 6) == " bytes") return with_unit(bytes);
  const std::size_t unit = rest.find("iB");
  return unit == std::string_view::npos ? std::nullopt : std::optional(std::string(rest.substr(0, unit + 2)));
}

std::string message(const std::string& size) {
  return fmt::format(
      "out of memory: {} more were needed at once; use fewer images, smaller batches, fewer threads or timesteps, or a "
      "machine with more memory",
      size);
}

}  // namespace

std::optional<std::string> out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return message(with_unit(refused_bytes));
  if (const auto* system = dynamic_cast<const std::system_error*>(&error);
      system != nullptr && system->code() == std::errc::resource_unavailable_try_again)
    return "no more threads can be started; use fewer threads";
  if (const auto size = torch_size(error.what())) return message(*size);
  return std::nullopt;
}

}  // namespace neurocuda::cli
