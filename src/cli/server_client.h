#pragma once
// A server as commands ask it: the one of --server or WRIT_SERVER, else the one that lives in the
// project's directory, by its own socket. What it refuses comes back as the Error that it was
// there.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "net/client.h"

namespace writ::cli {

struct CommandContext;
struct Wiring;
struct GlobalOptions;

// The server that somebody named; empty: nobody did.
std::string named_server(const Wiring& wiring, const GlobalOptions& global);

// The code of that name; internal: there is none.
Code code_named(std::string_view name);

class ServerClient {
 public:
  // The one that somebody named; nullptr: nobody did. Errors: usage (no address; a token that would
  // go to another machine by plain http://), those of reading the token's file.
  static Result<std::unique_ptr<ServerClient>> find_named(const CommandContext& context);
  // The one that lives in the project's directory; nullptr: none answers there.
  static std::unique_ptr<ServerClient> find_here(const CommandContext& context,
                                                 std::string token = "");
  // nullptr: none was named, and none lives here. A store that was named is asked itself. A socket
  // that nobody answers at is nobody's. Errors: invalid_input (the token's file), usage.
  static Result<std::unique_ptr<ServerClient>> find(const CommandContext& context);

  // As a person, who shows a token wherever the server is: what an account may do, nobody may by
  // being on its machine. Errors: those of find; unavailable: there is none.
  static Result<std::unique_ptr<ServerClient>> find_as_person(const CommandContext& context);

  // Any operation of the contract: "/users/me". Null: without a body, and where the answer has
  // none.
  Result<Value> call(net::Method method, const std::string& path, const Value& body = {});
  // Where the server may have minutes of work.
  Result<Value> long_call(net::Method method, const std::string& path, const Value& body = {});

  // `path` below /writ/v1, with its query: "/runs/latest". Errors: those of the server;
  // unavailable.
  Result<Value> get(const std::string& path);
  // Null: without a body.
  Result<Value> post(const std::string& path, const Value& body,
                     std::string_view content_type = "application/json");
  // A body that is no JSON.
  Result<std::string> get_bytes(const std::string& path);
  Result<Value> put_bytes(const std::string& path, std::string_view bytes);

  // For people: "https://writ.example.org".
  std::string name() const;

 private:
  ServerClient(const Wiring& wiring, std::string base, std::string token);
  bool answers();
  Result<net::Response> ask(net::Call call, const std::string& path);
  Result<Value> send(net::Call call, const std::string& path, std::chrono::milliseconds timeout);

  net::Client client_;
  std::string base_;   // "http://host:port", "unix:/path:"
  std::string token_;  // empty: none is shown
};

}  // namespace writ::cli
