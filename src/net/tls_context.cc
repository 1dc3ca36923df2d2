#include "net/tls_context.h"

#include <openssl/ssl.h>

#include <utility>

namespace writ::net {
namespace {

namespace ssl = boost::asio::ssl;
using Failure = boost::system::error_code;
using SharedContext = std::shared_ptr<ssl::context>;

std::unexpected<Error> bad(const std::string& file, const Failure& ec) {
  return fail(Code::invalid_input, "cannot use " + file + " for TLS: " + ec.message(),
              "Give PEM files: a certificate with its chain, and the key that belongs to it");
}

SharedContext make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
  return context;
}

}  // namespace

Result<SharedContext> make_server_context(const TlsFiles& files) {
  SharedContext context = make_context(ssl::context::tls_server);
  Failure ec;
  context->use_certificate_chain_file(files.certificate, ec);
  if (ec) return bad(files.certificate, ec);
  context->use_private_key_file(files.key, ssl::context::pem, ec);
  if (ec) return bad(files.key, ec);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return fail(Code::invalid_input, files.key + " is not the key of " + files.certificate);
  }
  return context;
}

Result<SharedContext> make_client_context(const std::string& ca_file) {
  SharedContext context = make_context(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_peer);
  Failure ec;
  if (ca_file.empty()) {
    context->set_default_verify_paths(ec);
  } else {
    context->load_verify_file(ca_file, ec);
  }
  if (ec) return bad(ca_file.empty() ? "the system's authorities" : ca_file, ec);
  return context;
}

}  // namespace writ::net
