// Every fuzz target over its corpus, and over inputs made of it, in the build that all tests use:
//
//     writ_fuzz_replay CORPUS [ROUNDS]
//
// It shows that each target holds for what it is known to be hard for; what is new is found by
// libFuzzer (`make fuzz`). Inputs follow from the target's name and the round, so that a failure
// comes again. A target that does not hold aborts; then the input's place in the series is printed.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// fuzz_targets.inc has a row for each target, WRIT_FUZZ_TARGET(name).
#define WRIT_FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t*, std::size_t);
#include "fuzz_targets.inc"
#undef WRIT_FUZZ_TARGET

namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;

constexpr std::size_t kLargest = 1U << 16;

struct FuzzTarget {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

#define WRIT_FUZZ_TARGET(name) {#name, fuzz_##name},
constexpr FuzzTarget kFuzzTargets[] = {
#include "fuzz_targets.inc"
};
#undef WRIT_FUZZ_TARGET

// What runs, for the handler of signals.
std::array<char, 256> running;

void say_what_ran(int signal) {
  constexpr std::string_view kWords = "does not hold: ";
  // NOLINTBEGIN(cert-err33-c): nobody is left who could be told.
  [[maybe_unused]] ssize_t written = ::write(2, kWords.data(), kWords.size());
  written = ::write(2, running.data(), std::string_view(running.data()).size());
  written = ::write(2, "\n", 1);
  // NOLINTEND(cert-err33-c)
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

std::vector<Input> corpus_in(const fs::path& folder) {
  std::vector<fs::path> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path());
  }
  std::sort(names.begin(), names.end());
  std::vector<Input> inputs;
  for (const fs::path& name : names) {
    std::ifstream file(name, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
  }
  return inputs;
}

class Maker {
 public:
  Maker(std::string_view name, const std::vector<Input>& corpus) : corpus_(corpus) {
    std::seed_seq seed(name.begin(), name.end());
    random_.seed(seed);
  }

  Input next() {
    Input input = corpus_.empty() ? Input(below(64)) : corpus_[below(corpus_.size())];
    for (std::size_t left = 1 + below(4); left > 0; --left) change(input);
    if (input.size() > kLargest) input.resize(kLargest);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
  static auto at(Input& input, std::size_t place) {
    return input.begin() + static_cast<std::ptrdiff_t>(place);
  }

  void change(Input& input) {
    const std::size_t place = below(input.size());
    const std::size_t end = place + below(std::min<std::size_t>(input.size() - place, 64));
    switch (random_() % 6) {
      case 0:
        input.insert(at(input, place), byte());
        break;
      case 1:
        input.erase(at(input, place), at(input, end));
        break;
      case 2:
        input.resize(place);
        break;
      case 3:
        if (!input.empty()) input[place] = byte();
        break;
      case 4:
        if (!input.empty()) input[place] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      default:
        repeat(input, place, end);
    }
  }
  void repeat(Input& input, std::size_t begin, std::size_t end) {
    const Input piece(at(input, begin), at(input, end));
    for (std::size_t left = below(32); left > 0; --left) {
      input.insert(at(input, begin), piece.begin(), piece.end());
    }
  }

  const std::vector<Input>& corpus_;
  std::mt19937_64 random_;
};

void hold(const FuzzTarget& target, const char* kind, std::size_t number, const Input& input) {
  std::snprintf(running.data(), running.size(), "%s, %s %zu, %zu bytes", target.name, kind, number,
                input.size());
  target.run(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 500;
  if (argc == 3) {
    const std::string_view text = argv[2];
    const auto read = std::from_chars(text.data(), text.data() + text.size(), rounds);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) argc = 0;
  }
  if (argc < 2 || !fs::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: writ_fuzz_replay CORPUS [ROUNDS]\n");
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    ::signal(signal, say_what_ran);

  std::size_t files = 0;
  for (const FuzzTarget& target : kFuzzTargets) {
    const std::vector<Input> corpus = corpus_in(fs::path(argv[1]) / target.name);
    for (std::size_t i = 0; i < corpus.size(); ++i) hold(target, "file", i, corpus[i]);
    Maker maker(target.name, corpus);
    for (std::size_t i = 0; i < rounds; ++i) hold(target, "round", i, maker.next());
    files += corpus.size();
  }
  std::printf("%zu targets hold for %zu files and %zu inputs made of them each\n",
              std::size(kFuzzTargets), files, rounds);
  return 0;
}
