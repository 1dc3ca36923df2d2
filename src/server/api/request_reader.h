#pragma once
// A request as an operation's contract describes it: parameters in their types, the body as a
// value, or everything that is wrong with them. Made once for each operation; immutable, and any
// number of threads may read with one.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "contract/openapi/description.h"
#include "contract/schema.h"
#include "net/handler.h"
#include "server/api/errors.h"

namespace writ::server {

struct ReadRequest {
  Object parameters;
  Value body;
  std::vector<Fault> faults;      // none: it keeps to the contract
  bool has_no_such_path = false;  // a parameter of the path cannot be one: 404
  bool has_wrong_media = false;   // 415
};

class RequestReader {
 public:
  // Errors: invalid_input (a schema that does not compile).
  static Result<RequestReader> compile(const contract::Description& description,
                                       const contract::DescribedOperation& operation);

  // `path`: values of the path's parameters, in the order of its pattern.
  ReadRequest read(const net::Request& request, const std::vector<std::string>& path) const;

 private:
  struct Body {
    std::string media_type;
    bool is_json = false;
    bool is_form = false;
    contract::Schema schema;
    std::vector<contract::DescribedParameter> members;  // of a form
  };
  struct Parameter {
    contract::DescribedParameter described;
    std::size_t position = 0;  // of the path
  };

  RequestReader(std::vector<Parameter> parameters, contract::Schema schema)
      : parameters_(std::move(parameters)), schema_(std::move(schema)) {}
  void read_parameters(const net::Request& request, const std::vector<std::string>& path,
                       ReadRequest& out) const;
  void read_query(std::string_view query, ReadRequest& out) const;
  void read_body(const net::Request& request, ReadRequest& out) const;
  void read_form(const Body& body, std::string_view text, ReadRequest& out) const;
  const Body* body_of(std::string_view content_type) const;
  const contract::DescribedParameter* find(contract::Place in, std::string_view name) const;

  std::vector<Parameter> parameters_;
  contract::Schema schema_;  // of all parameters together
  std::vector<Body> bodies_;
  bool needs_body_ = false;
  bool takes_unknown_query_ = false;
  std::size_t body_limit_ = 0;
};

}  // namespace writ::server
