// Replays seeded mutations of small valid files through a fuzz target: what runs in the suite where no libFuzzer is at
// hand. Usage: fuzz_<part> [mutations per seed]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::vector<std::vector<std::uint8_t>> fuzz_seeds();

namespace {

std::vector<std::uint8_t> mutate(std::vector<std::uint8_t> bytes, std::mt19937_64& random) {
  const int changes = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 6) {
      case 0:
        bytes[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(random());
        break;
      case 2:
        bytes[at] = random() % 2 ? 0xFF : 0x7F;
        break;
      case 3:
        bytes.resize(at);
        break;
      case 4:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random()));
        break;
      default: {
        const std::size_t length = std::min<std::size_t>(1 + random() % 16, bytes.size() - at);
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
      }
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const int mutations = argc > 1 ? std::atoi(argv[1]) : 1000;
  std::int64_t runs = 0;
  for (const auto& seed : fuzz_seeds()) {
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    std::mt19937_64 random(runs + 1);
    for (int i = 0; i < mutations; ++i, ++runs) {
      const auto bytes = mutate(seed, random);
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  }
  std::printf("%lld inputs, no crash\n", static_cast<long long>(runs));
  return runs > 0 ? 0 : 1;
}
