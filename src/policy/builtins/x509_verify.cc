#include "policy/builtins/x509_verify.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "policy/builtins/net_address.h"
#include "policy/builtins/openssl_handle.h"
#include "policy/builtins/x509_shape.h"

namespace writ::rego {
namespace {

using StoreHandle = Handle<X509_STORE, &X509_STORE_free>;
using StoreContext = Handle<X509_STORE_CTX, &X509_STORE_CTX_free>;
using Stack = Handle<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;

constexpr int kAnyUsage = 0;
constexpr int kServerAuth = 1;

std::unexpected<Error> unverified(std::string why) {
  forget_openssl_errors();
  return fail(Code::signature_bad, "x509: " + std::move(why));
}

Result<std::vector<X509Handle>> load(const std::vector<std::string_view>& certificates) {
  std::vector<X509Handle> out;
  for (const std::string_view bytes : certificates) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    out.emplace_back(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
    if (!out.back()) return unverified("malformed certificate");
  }
  return out;
}

void set_options(X509_STORE_CTX* context, const ChainOptions& options) {
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(param, options.at_seconds);
  // The first certificate is trusted whether or not it signed itself; SHA-1 and short keys are
  // not, as in Go.
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(param, 1);
  if (options.dns_name.empty()) return;
  if (IpAddress::parse(options.dns_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(param, options.dns_name.c_str());
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(param, options.dns_name.data(), options.dns_name.size());
}

std::string der_of(const X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

// Every certificate that names usages must allow one of those that all below and above allow.
Result<void> check_usages(const std::vector<std::string>& chain, std::vector<int> usages) {
  if (usages.empty()) usages.push_back(kServerAuth);
  if (std::ranges::find(usages, kAnyUsage) != usages.end()) return {};
  for (const std::string& certificate : chain) {
    WRIT_TRY(const std::vector<int> allowed, extended_key_usages(certificate));
    if (allowed.empty() || std::ranges::find(allowed, kAnyUsage) != allowed.end()) continue;
    std::erase_if(usages,
                  [&](int usage) { return std::ranges::find(allowed, usage) == allowed.end(); });
  }
  if (usages.empty()) return unverified("certificate specifies an incompatible key usage");
  return {};
}

}  // namespace

Result<std::vector<std::string>> verify_chain(const std::vector<std::string_view>& certificates,
                                              const ChainOptions& options) {
  if (certificates.size() < 2) {
    return fail(Code::invalid_input, "must supply at least two certificates to be able to verify");
  }
  WRIT_TRY(const auto loaded, load(certificates));
  const StoreHandle store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  const Stack between(sk_X509_new_null());
  for (std::size_t i = 1; i + 1 < loaded.size(); ++i) {
    sk_X509_push(between.get(), loaded[i].get());
  }
  if (X509_STORE_add_cert(store.get(), loaded.front().get()) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), loaded.back().get(), between.get()) != 1) {
    return unverified("certificates cannot be prepared for verification");
  }
  set_options(context.get(), options);
  if (X509_verify_cert(context.get()) != 1) {
    return unverified(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  forget_openssl_errors();
  std::vector<std::string> chain;
  STACK_OF(X509)* const found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) chain.push_back(der_of(sk_X509_value(found, i)));
  WRIT_CHECK(check_usages(chain, options.usages));
  return chain;
}

}  // namespace writ::rego
