#include "server/api/documentation.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/digest.h"

namespace writ::server {
namespace {

using contract::Asker;
using contract::DescribedBody;
using contract::DescribedOperation;
using contract::DescribedParameter;

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c1c1c;background:#fff}"
    "code,.path{font-family:ui-monospace,monospace;font-size:.9em}"
    "h2{border-bottom:1px solid #ccc;margin-top:2.5rem}"
    "article{margin:1.5rem 0;padding-left:1rem;border-left:3px solid #ddd}"
    "h3{margin:0;font-size:1rem}.method{display:inline-block;min-width:4.5rem;font-weight:700}"
    "p{margin:.3rem 0}table{border-collapse:collapse;margin:.4rem 0}"
    "th,td{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}"
    "th{font-weight:600;color:#555}.meta{color:#555}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}"
    "article{border-color:#444}h2{border-color:#444}th,.meta{color:#aaa}a{color:#8ab4f8}}";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// "User", "spec.schema.json", "list of string": what a schema is called in one line.
std::string name_of(const Value& schema) {
  const std::string_view reference = schema.string_or("$ref", "");
  if (!reference.empty()) return std::string(reference.substr(reference.rfind('/') + 1));
  const std::string_view type = schema.string_or("type", "");
  if (type == "array") {
    const Value* const items = schema.find("items");
    return "list of " + (items == nullptr ? std::string("anything") : name_of(*items));
  }
  const std::string_view format = schema.string_or("format", "");
  if (!format.empty()) return fmt::format("{} ({})", type, format);
  return type.empty() ? "anything" : std::string(type);
}

std::string who_may(const DescribedOperation& operation) {
  if (operation.asker == Asker::anyone) return "anyone";
  if (operation.asker == Asker::either) return "with or without a credential";
  std::string out = operation.needs_superuser ? "superusers" : "";
  for (const std::string& scope : operation.scopes) {
    out += fmt::format("{}scope {}", out.empty() ? "" : ", ", scope);
  }
  return out.empty() ? "whoever has signed in" : out;
}

void add_parameters(std::string& out, const DescribedOperation& operation) {
  if (operation.parameters.empty()) return;
  constexpr std::string_view kPlaces[] = {"path", "query", "header"};
  out += "<table><tr><th>Parameter</th><th>in</th><th>is</th></tr>\n";
  for (const DescribedParameter& one : operation.parameters) {
    out += fmt::format("<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>\n",
                       escaped(one.name), one.is_required ? " *" : "",
                       kPlaces[static_cast<std::size_t>(one.in)], escaped(name_of(one.schema)));
  }
  out += "</table>\n";
}

void add_bodies(std::string& out, const DescribedOperation& operation) {
  for (const DescribedBody& body : operation.bodies) {
    out += fmt::format("<p>Takes <code>{}</code>: {}</p>\n", escaped(body.media_type),
                       escaped(name_of(body.schema)));
  }
  out += "<table><tr><th>Status</th><th>means</th><th>holds</th></tr>\n";
  for (const contract::DescribedResponse& response : operation.responses) {
    std::string holds;
    for (const DescribedBody& body : response.bodies) {
      holds += (holds.empty() ? "" : ", ") + name_of(body.schema);
    }
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(response.status),
                       escaped(response.description), escaped(holds));
  }
  out += "</table>\n";
}

void add_operation(std::string& out, const DescribedOperation& operation) {
  out += fmt::format(
      "<article id=\"{0}\"><h3><span class=\"method\">{1}</span> <span class=\"path\">{2}</span>"
      "</h3>\n<p>{3}</p>\n",
      escaped(operation.id), escaped(operation.method), escaped(operation.path),
      escaped(operation.summary));
  if (!operation.description.empty()) {
    out += fmt::format("<p>{}</p>\n", escaped(operation.description));
  }
  out +=
      fmt::format("<p class=\"meta\">{} · rate {} · errors {}</p>\n", escaped(who_may(operation)),
                  escaped(operation.rate), contract::kErrorShapes.name(operation.errors));
  add_parameters(out, operation);
  add_bodies(out, operation);
  out += "</article>\n";
}

}  // namespace

std::string documentation(const contract::Description& description, const Families& families,
                          std::string_view version) {
  const std::string title = fmt::format("{} API {}", description.title(), version);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>"
      "<style>{1}</style></head>\n<body>\n<h1>{0}</h1>\n"
      "<p>For programs: <a href=\"/openapi.json\">/openapi.json</a></p>\n",
      escaped(title), kStyle);
  for (const std::string& family : description.families()) {
    if (!families.contains(family)) continue;
    out += fmt::format("<h2 id=\"family-{0}\">{0}</h2>\n", escaped(family));
    for (const DescribedOperation& operation : description.operations()) {
      if (operation.family == family) add_operation(out, operation);
    }
  }
  return out + "</body>\n</html>\n";
}

std::string documentation_policy() {
  const crypto::Digest digest = crypto::sha256(kStyle);
  return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
         "style-src 'sha256-" +
         to_base64(digest.view()) + "'";
}

}  // namespace writ::server
