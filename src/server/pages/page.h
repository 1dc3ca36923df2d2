#pragma once
// Pages for people, without scripts, styles or anything from elsewhere. Whatever stands in them is
// escaped here.
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace writ::server {

struct HiddenField {
  std::string_view name;
  std::string_view value;
};
struct PageLink {
  std::string text;
  std::string target;
};

struct Page {
  int status = 200;
  std::string title;
  std::vector<std::string> paragraphs = {};
  std::vector<std::string> items = {};  // a list behind them
  // A form that posts to `action`; empty: there is none.
  std::string_view action = {};
  std::vector<HiddenField> hidden = {};
  std::string_view fields = {};  // its inputs and buttons: our own markup
  std::vector<PageLink> links = {};
  // Where a browser may be sent from the form, besides here: "https://app.example.org". Empty:
  // nowhere.
  std::string form_leads_to = {};
};

// CSP: nothing is loaded, nobody frames it, forms go here and to `form_leads_to` alone.
net::Response render(const Page& page);

// & < > " ' as references.
std::string escape_html(std::string_view text);

}  // namespace writ::server
