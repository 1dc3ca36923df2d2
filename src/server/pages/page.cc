#include "server/pages/page.h"

namespace writ::server {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
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
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

net::Response render(const Page& page) {
  std::string body = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>";
  const std::string title = escape_html(page.title);
  body += title + " - Writ</title>\n<h1>" + title + "</h1>\n";
  for (const std::string& one : page.paragraphs) body += "<p>" + escape_html(one) + "</p>\n";
  if (!page.items.empty()) {
    body += "<ul>\n";
    for (const std::string& one : page.items) body += "<li>" + escape_html(one) + "</li>\n";
    body += "</ul>\n";
  }
  if (!page.action.empty()) {
    body += "<form method=\"post\" action=\"" + escape_html(page.action) + "\">\n";
    for (const HiddenField& one : page.hidden) {
      body += "<input type=\"hidden\" name=\"" + escape_html(one.name) + "\" value=\"" +
              escape_html(one.value) + "\">\n";
    }
    body.append(page.fields).append("</form>\n");
  }
  for (const PageLink& one : page.links) {
    body +=
        "<p><a href=\"" + escape_html(one.target) + "\">" + escape_html(one.text) + "</a></p>\n";
  }
  body += "</html>\n";
  net::Response response;
  response.status = page.status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(body);
  std::string policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action ";
  policy += page.action.empty() ? "'none'" : "'self'";
  if (!page.form_leads_to.empty()) policy += " " + page.form_leads_to;
  response.fields.emplace_back("Content-Security-Policy", std::move(policy));
  return response;
}

}  // namespace writ::server
