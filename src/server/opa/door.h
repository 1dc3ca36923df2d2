#pragma once
// What every request passes on its way to a handler, and every answer on its way back:
//
//   unpack the body (Content-Encoding) → authorize → handler → pack the answer (Accept-Encoding)
//
// Bodies that the authorization does not look at are unpacked only for those who may ask.
#include <cstddef>
#include <vector>

#include "net/handler.h"
#include "server/coding/gzip.h"
#include "server/opa/authorize.h"

namespace writ::server {

class OpaService;

struct DoorOptions {
  AccessOptions access;
  std::size_t gzip_from = 1024;  // bytes of an answer's body; smaller ones are sent as they are
  int gzip_level = kUsualGzipLevel;
};

// Each of the routes goes through it from now on. `service` is borrowed.
void put_door(OpaService& service, const DoorOptions& options, std::vector<net::Route>& routes);

}  // namespace writ::server
