// Whether the time of an answer tells an address that has an account from one that has none: the
// same request about both in turns, for every operation that takes an address. Two samples of one
// distribution are told apart by the test of Mann and Whitney (1947) with p below 0.01 once in a
// hundred times; the medians may differ by 5 % at most.
//
//   enumeration_bench [requests of each kind]
#include <cmath>
#include <utility>

#include "api_server.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"

namespace {

using namespace writ;
using namespace writ::bench;

struct Samples {
  std::vector<double> known;
  std::vector<double> unknown;
};

// Two-sided, by the normal approximation, which holds from some twenty of each on; times are so
// fine that ties do not count.
double mann_whitney(const Samples& samples) {
  std::vector<std::pair<double, bool>> all;
  for (const double one : samples.known) all.emplace_back(one, true);
  for (const double one : samples.unknown) all.emplace_back(one, false);
  std::sort(all.begin(), all.end());
  double ranks = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].second) ranks += static_cast<double>(i + 1);
  }
  const auto n = static_cast<double>(samples.known.size());
  const auto m = static_cast<double>(samples.unknown.size());
  const double u = ranks - n * (n + 1) / 2;
  const double z = (u - n * m / 2) / std::sqrt(n * m * (n + m + 1) / 12);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

// Who comes from one network and tries many accounts has to wait: each pair comes from its own.
std::string from_network(int number) {
  return fmt::format("X-Forwarded-For: 10.{}.{}.7\r\n", number / 250 + 1, number % 250 + 1);
}

struct Question {
  std::string name;
  int status = 202;  // of the answer
  // Strict registration, which tells nothing; open registration says that an address is taken.
  bool is_strict = false;
  // The request about an address, which has no sign in it that would have to be escaped. `from`: a
  // field that says whence.
  std::string (*about)(std::string_view email, std::string_view from) = nullptr;
  bool is_from_one_network = false;
};

std::string json_of(std::string_view path, std::string_view email, std::string_view from) {
  return post(path, fmt::format(R"({{"email":"{}"}})", email), "application/json", from);
}

std::string sign_in_of(std::string_view email, std::string_view from) {
  return post("/auth/jwt/login", fmt::format("username={}&password=not+the+password", email), kForm,
              from);
}

const Question kQuestions[] = {
    {"sign-in", 400, false, &sign_in_of},
    {"sign-in that has to wait", 429, false, &sign_in_of, true},
    {"forgotten password", 202, false,
     [](std::string_view email, std::string_view from) {
       return json_of("/auth/forgot-password", email, from);
     }},
    {"sign-in link", 202, false,
     [](std::string_view email, std::string_view from) {
       return json_of("/auth/magic-link/request", email, from);
     }},
    {"strict registration", 202, true,
     [](std::string_view email, std::string_view from) {
       return post("/auth/register",
                   fmt::format(R"({{"email":"{}","password":"violet harbour 72 lamps"}})", email),
                   "application/json", from);
     }},
    {"verification", 202, false,
     [](std::string_view email, std::string_view from) {
       return json_of("/auth/request-verify-token", email, from);
     }},
};

void register_account(const std::string& address, std::string_view email) {
  (void)ask(address,
            post("/auth/register",
                 fmt::format(R"({{"email":"{}","password":"violet harbour 71 lamps"}})", email)));
}

// As the administrator whom start_api makes.
class Settings {
 public:
  explicit Settings(std::string address) : address_(std::move(address)) {
    const std::string answer =
        ask(address_,
            post("/auth/jwt/login",
                 fmt::format("username={}&password=violet+harbour+71+lamps", kRootEmail), kForm));
    token_ = must(parse_json(answer)).string_or("access_token", "");
  }
  void set_registration(std::string_view mode) const {
    const std::string body = fmt::format(R"({{"registration":"{}"}})", mode);
    (void)ask(address_, fmt::format("PATCH /management/settings/ HTTP/1.1\r\nHost: writ\r\n"
                                    "Authorization: Bearer {}\r\nContent-Type: application/json\r\n"
                                    "Content-Length: {}\r\n\r\n{}",
                                    token_, body.size(), body));
  }

 private:
  std::string address_;
  std::string token_;
};

bool is_answered_with(const Connection& connection, int status) {
  return connection.answer().starts_with(fmt::format("HTTP/1.1 {} ", status));
}

// Until whoever comes from there has to wait.
void make_wait(Connection& connection, const std::string& from) {
  for (int i = 0; i < 1'000; ++i) {
    connection.ask(sign_in_of(fmt::format("mallory{}@example.org", i), from));
    while (!connection.hear()) {
    }
    if (is_answered_with(connection, 429)) return;
  }
  give_up("nobody has to wait, however many accounts are tried");
}

// Another answer than the one that the question is about proves nothing. A wait that ends meanwhile
// goes on with the next try.
double took(Connection& connection, const Question& question, const std::string& request) {
  for (int attempt = 0; attempt < (question.is_from_one_network ? 2 : 1); ++attempt) {
    connection.ask(request);
    while (!connection.hear()) {
    }
    if (is_answered_with(connection, question.status)) return connection.took().count();
  }
  give_up(request + "\nwas answered with\n" + std::string(connection.answer()));
}

void report_question(const Question& question, const Samples& samples) {
  const double p = mann_whitney(samples);
  const double known = median(samples.known);
  const double unknown = median(samples.unknown);
  const double apart = std::abs(known - unknown) / unknown;
  report({.path = fmt::format("{} of an address with and without an account", question.name),
          .floor = fmt::format("{:.2f} ms without", unknown * 1e3),
          .ours = fmt::format("{:.2f} ms, p = {:.3f}", known * 1e3, p),
          .ratio = fmt::format("{:.3f}", known / unknown),
          .target = "p > 0.01, medians within 5 %",
          .is_met = p > 0.01 && apart < 0.05});
}

}  // namespace

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::stoi(argv[1]) : 500;
  const Place place(std::filesystem::temp_directory_path());
  const SystemClock clock;
  SystemRandom random;
  const auto server = start_api(place.path(), clock, random);
  const std::string address = server->addresses().front();
  const Settings settings(address);
  fmt::print("{} requests of each kind, in turns, over one connection\n", 2 * requests);
  for (const Question& question : kQuestions) {
    // An account of its own for each: mistakes lock, and letters wait a minute for the next.
    const auto email = [&](std::string_view who, int i) {
      return fmt::format("{}{}.{}@example.org", who, &question - kQuestions, i);
    };
    for (int i = 0; i < requests; ++i) register_account(address, email("ada", i));
    // Accounts that are there were made while everybody might.
    if (question.is_strict) settings.set_registration("strict");
    Connection connection(address);
    const auto network = [&](int i) {
      return from_network(question.is_from_one_network ? 0 : i + 1);
    };
    if (question.is_from_one_network) make_wait(connection, network(0));
    Samples samples;
    for (int i = 0; i < requests; ++i) {
      // Each comes first as often as second.
      for (const bool is_known : {i % 2 == 0, i % 2 != 0}) {
        const std::string request = question.about(email(is_known ? "ada" : "eve", i), network(i));
        const double seconds = took(connection, question, request);
        (is_known ? samples.known : samples.unknown).push_back(seconds);
      }
    }
    report_question(question, samples);
    if (question.is_strict) settings.set_registration("open");
  }
}
