#pragma once
// Owners for OpenSSL's objects. Private to the sources that use OpenSSL.
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

namespace writ::crypto {

template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Handle = std::unique_ptr<T, FreeWith<kFree>>;

using BigNumber = Handle<BIGNUM, &BN_clear_free>;
using PkeyContext = Handle<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using DigestContext = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using ParamBuilder = Handle<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using Params = Handle<OSSL_PARAM, &OSSL_PARAM_free>;
using EcSignature = Handle<ECDSA_SIG, &ECDSA_SIG_free>;
using EcGroup = Handle<EC_GROUP, &EC_GROUP_free>;
using EcPoint = Handle<EC_POINT, &EC_POINT_free>;
using X509Handle = Handle<X509, &X509_free>;

// OpenSSL's errors stay in a queue of the thread; whoever reports one by a text of its own
// empties it.
inline void forget_openssl_errors() { ERR_clear_error(); }

}  // namespace writ::crypto
