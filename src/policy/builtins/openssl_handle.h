#pragma once
// Owners for OpenSSL's objects, by the names that the built-in functions use.
#include "crypto/openssl_handle.h"

namespace writ::rego {

using crypto::BigNumber;
using crypto::DigestContext;
using crypto::EcSignature;
using crypto::forget_openssl_errors;
using crypto::Handle;
using crypto::ParamBuilder;
using crypto::Params;
using crypto::PkeyContext;
using crypto::X509Handle;

}  // namespace writ::rego
