// service_account.cpp: the one file of this folder that knows OpenSSL.
#include "notifiers/service_account.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fstream>
#include <sstream>

#include "daemon/base/hash.h"
#include "notifiers/json_text.h"

namespace tocsin {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<EVP_PKEY> key_of(const Secret& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())));
  // An empty passphrase instead of a prompt on the terminal.
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")));
}

}  // namespace

Result<ServiceAccount> load_service_account(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return bad_input(fmt::format("the service account file `{}` cannot be read", path));
  std::stringstream bytes;
  bytes << file.rdbuf();
  const std::string json = bytes.str();
  ServiceAccount account;
  std::string private_key;
  const std::pair<const char*, std::string*> fields[] = {{"/client_email", &account.client_email}, {"/project_id", &account.project_id},
                                                         {"/token_uri", &account.token_uri}, {"/private_key", &private_key}, {"/private_key_id", &account.key_id}};
  for (const auto& [pointer, target] : fields) {
    auto value = json_at(json, pointer);
    if (!value) return bad_input(fmt::format("the service account file `{}` is no JSON", path));
    if (value->empty() && target != &account.key_id) return bad_input(fmt::format("the service account file `{}` has no `{}`", path, pointer + 1));
    *target = std::move(*value);
  }
  account.private_key = Secret(std::move(private_key));
  const Owned<EVP_PKEY> key = key_of(account.private_key);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return bad_input(fmt::format("`private_key` of the service account file `{}` is no RSA key in PEM", path));
  return account;
}

Result<Secret> signed_assertion(const ServiceAccount& account, std::string_view scope, Instant now) {
  const std::int64_t issued = micros_of(now) / 1'000'000;
  const std::string header = account.key_id.empty() ? std::string(R"({"alg":"RS256","typ":"JWT"})")
                                                    : fmt::format(R"({{"alg":"RS256","typ":"JWT","kid":{}}})", json_quoted(account.key_id));
  const std::string claims = fmt::format(R"({{"iss":{},"scope":{},"aud":{},"iat":{},"exp":{}}})", json_quoted(account.client_email),
                                         json_quoted(scope), json_quoted(account.token_uri), issued, issued + 3600);
  const std::string signing_input = base64url_of(header) + "." + base64url_of(claims);
  const Owned<EVP_PKEY> key = key_of(account.private_key);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string signature;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signing_input.data());
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, signing_input.size()) != 1)
    return bad_input("the service account's key cannot sign");
  signature.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, signing_input.size()) != 1)
    return bad_input("the service account's key cannot sign");
  signature.resize(size);
  return Secret(signing_input + "." + base64url_of(signature));
}

}  // namespace tocsin
